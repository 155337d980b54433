import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
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
const pingEveryMs = 10_000;
/** Without any byte for this long, although we asked, the connection is dead. */
const silentForMs = 35_000;
const cancelStatus = 5;

/** One upgraded connection that carries several streams. */
export interface SpdyConnection {
  /** Opens a stream; it can be written at once, without waiting for the server's answer. */
  open(headers: Readonly<Record<string, string>>): Duplex;
  /** Resolves when the connection has ended, with the reason if it broke. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Ends the connection. `closed` resolves soon after. */
  close(): void;
}

/**
 * Speaks SPDY/3.1 over a socket that has just been upgraded. Backpressure: a stream that is not read pauses the
 * socket, so a connection should carry streams that are read together. A ping every 10 s notices a dead peer.
 */
export function createSpdyConnection(socket: Socket, head: Buffer): SpdyConnection {
  const streams = new Map<number, SpdyStream>();
  const headerBlock = createHeaderWriter();
  const readFrames = createFrameReader();
  let nextStreamId = 1;
  let nextPingId = 1;
  let lastByteAt = Date.now();
  let failure: Error | undefined;

  const link: Link = {
    send(streamId, chunk, done) {
      if (socket.destroyed) return done(failure ?? new Error('the connection is closed'));
      socket.cork();
      for (let offset = 0; offset < chunk.length; offset += maxDataBytes) {
        const part = chunk.subarray(offset, offset + maxDataBytes);
        socket.write(dataFrameHead(streamId, part.length, 'more'));
        socket.write(part, offset + maxDataBytes >= chunk.length ? done : undefined);
      }
      socket.uncork();
    },
    finish(streamId, done) {
      if (socket.destroyed) return done();
      socket.write(dataFrameHead(streamId, 0, 'fin'), () => done());
    },
    reset(streamId) {
      if (!socket.destroyed) socket.write(resetFrame(streamId, cancelStatus));
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    forget: (streamId) => streams.delete(streamId),
  };

  const onFrame = (frame: SpdyFrame): void => {
    switch (frame.type) {
      case 'data':
        streams.get(frame.streamId)?.receive(frame.payload, frame.fin);
        return;
      case 'reply':
        if (frame.fin) streams.get(frame.streamId)?.receive(Buffer.alloc(0), true);
        return;
      case 'reset':
        streams.get(frame.streamId)?.wasReset();
        return;
      case 'ping':
        // the server's pings have even ids and want an answer, ours have odd ones
        if (frame.id % 2 === 0) socket.write(pingFrame(frame.id));
        return;
      case 'goaway':
      case 'other':
    }
  };

  const onData = (chunk: Buffer): void => {
    lastByteAt = Date.now();
    try {
      for (const frame of readFrames(chunk)) onFrame(frame);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };

  const keepalive = setInterval(() => {
    if (socket.isPaused()) lastByteAt = Date.now();
    if (Date.now() - lastByteAt > silentForMs) {
      socket.destroy(new Error(`no answer for ${silentForMs / 1000} seconds`));
      return;
    }
    socket.write(pingFrame(nextPingId));
    nextPingId += 2;
  }, pingEveryMs);
  keepalive.unref();

  const closed = new Promise<Error | undefined>((resolve) => {
    socket.once('close', () => {
      clearInterval(keepalive);
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
      const stream = new SpdyStream(streamId, link);
      streams.set(streamId, stream);
      socket.write(synStreamFrame(streamId, headerBlock(headers)));
      return stream;
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

/** Ties the connection to the signal for as long as it lives. */
export function closeOnAbort(connection: SpdyConnection, signal: AbortSignal): void {
  const onAbort = () => connection.close();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  connection.closed.then(
    () => signal.removeEventListener('abort', onAbort),
    () => {},
  );
}

interface Link {
  send(streamId: number, chunk: Buffer, done: (error?: Error | null) => void): void;
  finish(streamId: number, done: () => void): void;
  reset(streamId: number): void;
  pause(): void;
  resume(): void;
  forget(streamId: number): void;
}

/** Ends in both directions on their own: `end()` is a half-close, `destroy()` a reset. */
class SpdyStream extends Duplex {
  readonly #streamId: number;
  readonly #link: Link;
  #remoteEnded = false;
  #resetByPeer = false;

  constructor(streamId: number, link: Link) {
    super({ allowHalfOpen: true });
    this.#streamId = streamId;
    this.#link = link;
  }

  receive(payload: Buffer, fin: boolean): void {
    if (this.#remoteEnded) return;
    if (payload.length > 0 && !this.push(payload)) this.#link.pause();
    if (!fin) return;
    this.#remoteEnded = true;
    this.push(null);
  }

  /**
   * A server resets the streams of a finished exec instead of ending them, so what came before counts and the
   * stream just ends. Whether the output is whole is told by the status stream.
   */
  wasReset(): void {
    this.#link.forget(this.#streamId);
    if (!this.#remoteEnded) this.push(null);
    this.#remoteEnded = true;
    // whoever still writes is told by the error of the write
    this.#resetByPeer = true;
    if (!this.writableFinished) this.end();
  }

  connectionEnded(failure: Error | undefined): void {
    this.#link.forget(this.#streamId);
    if (!this.#remoteEnded) this.destroy(failure ?? new Error('the connection was closed'));
    // what came before its end belongs to the reader, however late it reads
    else if (!this.writableEnded) this.end();
    this.#remoteEnded = true;
  }

  override _read(): void {
    this.#link.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#resetByPeer) done(new Error('the other side no longer reads'));
    else this.#link.send(this.#streamId, chunk, done);
  }

  override _final(done: () => void): void {
    if (this.#resetByPeer) done();
    else this.#link.finish(this.#streamId, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#resetByPeer && (!this.#remoteEnded || !this.writableFinished)) this.#link.reset(this.#streamId);
    this.#link.forget(this.#streamId);
    this.#link.resume();
    done(error);
  }
}
