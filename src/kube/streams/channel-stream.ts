import { Duplex } from 'node:stream';

/** What carries the channels of one connection. */
export interface Carrier {
  send(id: number, chunk: Buffer, done: (error?: Error | null) => void): void;
  /** Says that nothing more will be sent on the channel. */
  finish(id: number, done: (error?: Error | null) => void): void;
  reset(id: number): void;
  /** The channel has more than its reader takes. */
  full(id: number): void;
  /** Its reader wants more. */
  wanted(id: number): void;
  forget(id: number): void;
}

/** Some frames of a server: fewer would stop and start the connection with each of them. */
const bufferBytes = 256 * 1024;

/** One channel of a connection. Ends in both directions on their own: `end()` is a half-close, `destroy()` a reset. */
export class ChannelStream extends Duplex {
  readonly #id: number;
  readonly #carrier: Carrier;
  #remoteEnded = false;
  #resetByPeer = false;
  #moved = 0;

  constructor(id: number, carrier: Carrier) {
    super({ allowHalfOpen: true, readableHighWaterMark: bufferBytes, writableHighWaterMark: bufferBytes });
    this.#id = id;
    this.#carrier = carrier;
  }

  /** Bytes that went through, in both directions together. */
  get moved(): number {
    return this.#moved;
  }

  receive(payload: Buffer, end: 'end' | 'more'): void {
    if (this.#remoteEnded) return;
    this.#moved += payload.length;
    if (payload.length > 0 && !this.push(payload)) this.#carrier.full(this.#id);
    if (end === 'more') return;
    this.#remoteEnded = true;
    this.push(null);
  }

  /**
   * A server resets the streams of a finished exec instead of ending them, so what came before counts and the
   * stream just ends. Whether the output is whole is told by the status stream.
   */
  wasReset(): void {
    this.#carrier.forget(this.#id);
    if (!this.#remoteEnded) this.push(null);
    this.#remoteEnded = true;
    // whoever still writes is told by the error of the write
    this.#resetByPeer = true;
    if (!this.writableFinished) this.end();
  }

  /** A connection that is reset before its end has broken: what came may be cut. */
  wasBroken(): void {
    if (this.#remoteEnded) {
      this.wasReset();
      return;
    }
    this.#resetByPeer = true;
    this.destroy(new Error('the connection was reset in the pod'));
  }

  connectionEnded(failure: Error | undefined): void {
    this.#carrier.forget(this.#id);
    if (!this.#remoteEnded) this.destroy(failure ?? new Error('the connection was closed'));
    // what came before its end belongs to the reader, however late it reads
    else if (!this.writableEnded) this.end();
    this.#remoteEnded = true;
  }

  override _read(): void {
    this.#carrier.wanted(this.#id);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#moved += chunk.length;
    if (this.#resetByPeer) done(new Error('the other side no longer reads'));
    else this.#carrier.send(this.#id, chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#resetByPeer) done();
    else this.#carrier.finish(this.#id, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#resetByPeer && (!this.#remoteEnded || !this.writableFinished)) this.#carrier.reset(this.#id);
    this.#carrier.forget(this.#id);
    this.#carrier.wanted(this.#id);
    done(error);
  }
}
