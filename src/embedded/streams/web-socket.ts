import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Duplex, type Writable } from 'node:stream';
import { createByteReader } from './byte-reader.ts';

/** The server's end of a WebSocket (RFC 6455) as golang.org/x/net has it: one frame is one message. */
export interface WebSocketEnd {
  /** Messages in order. The next frame is read when the one before has been taken, so a slow taker slows the client. */
  messages(): AsyncIterable<Buffer>;
  /** Sends a binary message; resolves when the socket can take more. */
  send(data: Buffer): Promise<void>;
  /** Says goodbye and ends the connection. */
  close(): Promise<void>;
}

const acceptKey = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const largestFrame = 32 * 1024 * 1024;

export interface Connection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The subprotocols that the client offers, in its order. */
export function offeredProtocols({ headers }: IncomingMessage): string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Answers the handshake with the chosen subprotocol. */
export function acceptWebSocket({ request, socket, head }: Connection, protocol: string): WebSocketEnd {
  const key = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}${acceptKey}`)
    .digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${key}`,
  ];
  socket.write(`${[...lines, `Sec-WebSocket-Protocol: ${protocol}`].join('\r\n')}\r\n\r\n`);
  const reader = createByteReader(socket, head);

  async function* messages(): AsyncIterable<Buffer> {
    for (;;) {
      const start = await reader.read(2);
      if (!start) return;
      const opcode = (start[0] ?? 0) & 0x0f;
      const masked = ((start[1] ?? 0) & 0x80) !== 0;
      const length = await readLength((start[1] ?? 0) & 0x7f, (count) => reader.read(count));
      if (length === undefined || length > largestFrame) return;
      const mask = masked ? await reader.read(4) : Buffer.alloc(4);
      const payload = await reader.read(length);
      if (!payload || !mask) return;
      if (mask.readUInt32LE() !== 0) unmask(payload, mask);
      if (opcode === 8) return;
      if (opcode === 9) await write(socket, frame(10, payload));
      else if (opcode <= 2) yield payload;
    }
  }

  return {
    messages,
    send: (data) => write(socket, frame(2, data)),
    async close() {
      if (socket.writable) socket.end(frame(8, Buffer.from([0x03, 0xe8])));
    },
  };
}

async function readLength(
  short: number,
  read: (count: number) => Promise<Buffer | undefined>,
): Promise<number | undefined> {
  if (short < 126) return short;
  const bytes = await read(short === 126 ? 2 : 8);
  if (!bytes) return undefined;
  return short === 126 ? bytes.readUInt16BE() : Number(bytes.readBigUInt64BE());
}

/** Four bytes at a time where the memory is aligned: this loop is what uploads spend their time in. */
function unmask(data: Buffer, mask: Buffer): void {
  const head = data.length < 8 ? data.length : (4 - (data.byteOffset & 3)) & 3;
  const key = [...mask];
  for (let i = 0; i < head; i += 1) data[i] = (data[i] ?? 0) ^ (key[i & 3] ?? 0);
  const words =
    data.length === head ? [] : new Uint32Array(data.buffer, data.byteOffset + head, (data.length - head) >> 2);
  const turned = Buffer.from([0, 1, 2, 3].map((i) => key[(head + i) & 3] ?? 0));
  const word = new Uint32Array(Uint8Array.from(turned).buffer)[0] ?? 0;
  for (let i = 0; i < words.length; i += 1) words[i] = (words[i] ?? 0) ^ word;
  for (let i = head + words.length * 4; i < data.length; i += 1) data[i] = (data[i] ?? 0) ^ (key[i & 3] ?? 0);
}

function frame(opcode: number, data: Buffer): Buffer {
  const { length } = data;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 126 ? length : length < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, data]);
}

/** Resolves when the stream can take more, or when it is closed: then nobody will read it anyway. */
export async function write(stream: Writable, data: Buffer): Promise<void> {
  if (!stream.writable || stream.destroyed) return;
  if (stream.write(data)) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {});
  settled.abort();
}

/** The payloads of a WebSocket as one stream of bytes, both ways. */
export function toByteStream(socket: WebSocketEnd): Duplex {
  const source = filled(socket)[Symbol.asyncIterator]();
  return new Duplex({
    read() {
      source.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    write(chunk: Buffer, _encoding, done) {
      socket.send(chunk).then(() => done(), done);
    },
    final(done) {
      socket.close().then(() => done(), done);
    },
  });
}

/** Messages with content: pushing an empty one would stop a stream from reading on. */
async function* filled(socket: WebSocketEnd): AsyncIterable<Buffer> {
  for await (const message of socket.messages()) if (message.length > 0) yield message;
}
