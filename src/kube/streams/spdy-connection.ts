import type { Duplex } from 'node:stream';
import { type Carrier, ChannelStream } from './channel-stream.ts';
import { startKeepalive } from './keepalive.ts';
import {
  createFrameReader,
  createHeaderWriter,
  dataFrameHead,
  goawayFrame,
  pingFrame,
  resetFrame,
  type SpdyFrame,
  synStreamFrame,
} from './spdy-frames.ts';

/** Frames of the size that the server uses itself; larger ones bring nothing (our reference, `streams.md` 1.6). */
const maxDataBytes = 32 * 1024;
const cancelStatus = 5;
/** So much may wait in a connection before its writers do. */
const mostWaitingBytes = 1024 * 1024;
/** What is kept for a reader that falls behind while other streams of its connection must go on. */
const mostKeptBytes = 16 * 1024 * 1024;

/** One upgraded connection that carries several streams. */
export interface SpdyConnection {
  /** Opens a stream; it can be written at once, without waiting for the server's answer. */
  open(headers: Readonly<Record<string, string>>): ChannelStream;
  /** Sends what is opened and written meanwhile in as few packets as possible. */
  together<T>(act: () => T): T;
  /** Resolves when the connection has ended, with the reason if it broke. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection. `closed` resolves soon after. */
  close(): void;
}

export interface SpdyOptions {
  /** What the upgrade has given us: a socket, or what tunnels one. */
  readonly socket: Duplex;
  readonly head: Buffer;
  /**
   * SPDY as servers speak it has no flow control. `together`: a stream that is not read stops the connection, so its
   * pressure reaches the server, and a reset is its end. `apart`: it stops the connection only if it is the only one;
   * else it is reset when too much waits for its reader. A reset by the server is an error.
   */
  readonly streams: 'together' | 'apart';
  isServerAlive(): Promise<boolean>;
}

/** Speaks SPDY/3.1 over a connection that has just been upgraded. A dead peer is noticed within 35 s. */
export function createSpdyConnection({ socket, head, streams: kind, isServerAlive }: SpdyOptions): SpdyConnection {
  const streams = new Map<number, ChannelStream>();
  /** Streams that carry a word about another one: nobody minds if they wait. */
  const aside = new Set<number>();
  const headerBlock = createHeaderWriter();
  const readFrames = createFrameReader();
  let nextStreamId = 1;
  let nextPingId = 1;
  let failure: Error | undefined;

  const ping = () => {
    socket.write(pingFrame(nextPingId));
    nextPingId += 2;
  };
  const keepalive = startKeepalive({ socket, ping, isServerAlive });

  const carrier: Carrier = {
    send(streamId, chunk, done) {
      if (socket.destroyed) return done(failure ?? new Error('the connection is closed'));
      // the next chunk need not wait until this one has left, as long as not much waits
      const isEarly = socket.writableLength + chunk.length < mostWaitingBytes;
      const taken = (error?: Error | null) => {
        if (!error) keepalive.sent(chunk.length);
        if (!isEarly) done(error);
      };
      socket.cork();
      for (let offset = 0; offset < chunk.length; offset += maxDataBytes) {
        const part = chunk.subarray(offset, offset + maxDataBytes);
        socket.write(dataFrameHead(streamId, part.length, 'more'));
        socket.write(part, offset + maxDataBytes >= chunk.length ? taken : undefined);
      }
      socket.uncork();
      if (isEarly) done();
    },
    finish(streamId, done) {
      if (socket.destroyed) return done();
      socket.write(dataFrameHead(streamId, 0, 'fin'), () => done());
    },
    reset(streamId) {
      if (!socket.destroyed) socket.write(resetFrame(streamId, cancelStatus));
    },
    full(streamId) {
      const stream = streams.get(streamId);
      const others = [...streams].filter(([id, other]) => id !== streamId && !aside.has(id) && !other.readableEnded);
      if (kind === 'together' || others.length === 0) socket.pause();
      else if (stream && stream.readableLength > mostKeptBytes) {
        stream.destroy(new Error(`more than ${mostKeptBytes / 1024 / 1024} MiB wait for a reader that does not read`));
      }
    },
    wanted: () => socket.resume(),
    forget(streamId) {
      streams.delete(streamId);
      aside.delete(streamId);
    },
  };

  const onFrame = (frame: SpdyFrame): void => {
    switch (frame.type) {
      case 'data':
        streams.get(frame.streamId)?.receive(frame.payload, frame.fin ? 'end' : 'more');
        return;
      case 'reply':
        if (frame.fin) streams.get(frame.streamId)?.receive(Buffer.alloc(0), 'end');
        return;
      case 'reset':
        if (kind === 'apart') streams.get(frame.streamId)?.wasBroken();
        else streams.get(frame.streamId)?.wasReset();
        return;
      case 'ping':
        // the server's pings have even ids and want an answer, ours have odd ones
        if (frame.id % 2 === 0) socket.write(pingFrame(frame.id));
        else keepalive.answered();
        return;
      case 'goaway':
      case 'other':
    }
  };

  const onData = (chunk: Buffer): void => {
    keepalive.heard();
    try {
      for (const frame of readFrames(chunk)) onFrame(frame);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };

  const closed = new Promise<Error | undefined>((resolve) => {
    socket.once('close', () => {
      keepalive.stop();
      for (const stream of [...streams.values()]) stream.connectionEnded(failure);
      resolve(failure);
    });
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('data', onData);
  if (head.length > 0) onData(head);

  return {
    open(headers) {
      const streamId = nextStreamId;
      nextStreamId += 2;
      const stream = new ChannelStream(streamId, carrier);
      streams.set(streamId, stream);
      if (headers['streamtype'] === 'error') aside.add(streamId);
      socket.write(synStreamFrame(streamId, headerBlock(headers)));
      return stream;
    },
    together(act) {
      socket.cork();
      try {
        return act();
      } finally {
        socket.uncork();
      }
    },
    closed,
    close() {
      if (socket.destroyed) return;
      socket.end(goawayFrame());
      // a peer that does not answer our end must not hold the process
      setTimeout(() => socket.destroy(), 2_000).unref();
      socket.resume();
    },
  };
}
