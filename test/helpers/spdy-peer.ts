import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { constants, deflateSync, inflateSync } from 'node:zlib';

/** A stream that the client opened. `end()` sends FIN, `reset()` sends RST_STREAM. */
export class PeerStream extends Duplex {
  readonly streamId: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #send: (frame: Buffer, done?: () => void) => void;
  wasReset = false;

  constructor(streamId: number, headers: Record<string, string>, send: (frame: Buffer, done?: () => void) => void) {
    super({ allowHalfOpen: true });
    this.streamId = streamId;
    this.headers = headers;
    this.#send = send;
    this.on('error', () => {});
  }

  reset(): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(this.streamId);
    payload.writeUInt32BE(1, 4);
    this.#send(controlFrame(3, payload));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    let left = chunk;
    for (; left.length > 32_768; left = left.subarray(32_768)) {
      this.#send(dataFrame(this.streamId, left.subarray(0, 32_768), 0));
    }
    this.#send(dataFrame(this.streamId, left, 0), done);
  }

  override _final(done: () => void): void {
    this.#send(dataFrame(this.streamId, Buffer.alloc(0), 1), done);
  }
}

export interface Peer {
  /** How often the client pinged. */
  readonly pings: number;
  /** Sends a ping of the server and resolves when the client has answered it. */
  ping(): Promise<void>;
  /** Resets every stream of the client. */
  resetAll(): void;
}

/**
 * The server's side of SPDY/3.1 as the tests need it, written after the protocol's text and not with our own frame
 * code: header blocks are inflated by zlib, so a block that a real server could not read fails here too.
 */
export function speakSpdy(socket: Socket, onStream: (stream: PeerStream) => void): Peer {
  const streams = new Map<number, PeerStream>();
  const waiting = new Map<number, () => void>();
  let headerBytes = Buffer.alloc(0);
  let headersRead = 0;
  let pings = 0;
  let pending = Buffer.alloc(0);
  const send = (frame: Buffer, done?: () => void) => {
    if (socket.destroyed) return done?.();
    // the answer comes when the socket has room: so a slow client slows the process down
    if (socket.write(frame)) return done?.();
    if (done) socket.once('drain', done);
  };

  const readHeaders = (block: Buffer): Record<string, string> => {
    headerBytes = Buffer.concat([headerBytes, block]);
    const all = inflateSync(headerBytes, { finishFlush: constants.Z_SYNC_FLUSH });
    const raw = all.subarray(headersRead);
    headersRead = all.length;
    const headers: Record<string, string> = {};
    let at = 4;
    const text = () => {
      const length = raw.readUInt32BE(at);
      at += 4 + length;
      return raw.toString('utf8', at - length, at);
    };
    for (let left = raw.readUInt32BE(0); left > 0; left -= 1) {
      const name = text();
      headers[name] = text();
    }
    if (at !== raw.length) throw new Error('the header block has more bytes than it says');
    return headers;
  };

  const onControl = (type: number, payload: Buffer) => {
    const id = payload.readUInt32BE(0);
    if (type === 1) {
      const stream = new PeerStream(id, readHeaders(payload.subarray(10)), send);
      streams.set(id, stream);
      const reply = Buffer.concat([payload.subarray(0, 4), deflateSync(Buffer.alloc(4))]);
      send(controlFrame(2, reply));
      onStream(stream);
    } else if (type === 3) {
      const stream = streams.get(id);
      if (stream) stream.wasReset = true;
      stream?.push(null);
      stream?.emit('reset');
    } else if (type === 6 && id % 2 === 1) {
      pings += 1;
      send(controlFrame(6, payload));
    } else if (type === 6) {
      waiting.get(id)?.();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= 8 + pending.readUIntBE(5, 3)) {
      const frame = pending.subarray(0, 8 + pending.readUIntBE(5, 3));
      pending = pending.subarray(frame.length);
      if (frame.readUInt8(0) & 0x80) {
        onControl(frame.readUInt16BE(2), frame.subarray(8));
        continue;
      }
      const stream = streams.get(frame.readUInt32BE(0));
      if (frame.length > 8) stream?.push(frame.subarray(8));
      if (frame.readUInt8(4) & 1) stream?.push(null);
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const stream of streams.values()) stream.destroy();
  });
  let nextPing = 2;
  return {
    get pings() {
      return pings;
    },
    ping() {
      const id = nextPing;
      nextPing += 2;
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(id);
      const answered = new Promise<void>((resolve) => waiting.set(id, resolve));
      send(controlFrame(6, payload));
      return answered;
    },
    resetAll() {
      for (const stream of streams.values()) stream.reset();
    },
  };
}

export function controlFrame(type: number, payload: Buffer): Buffer {
  const head = Buffer.from([0x80, 3, 0, type, 0, 0, 0, 0]);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

export function dataFrame(streamId: number, payload: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId);
  head[4] = flags;
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}
