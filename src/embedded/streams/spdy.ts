import { Duplex } from 'node:stream';
import { constants, createInflate } from 'node:zlib';
import { createByteReader } from './byte-reader.ts';
import { spdyDictionary } from './spdy-dictionary.ts';
import { write } from './web-socket.ts';

export interface SpdyStream {
  readonly id: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `end()` sends FIN, the client's FIN ends the readable side; `destroy()` sends RST_STREAM. */
  readonly stream: Duplex;
}

const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const finFlag = 1;

/**
 * The server's end of SPDY/3.1 as Kubernetes uses it (no flow control, no server push). Calls `onStream` for each
 * stream of the client; resolves when the connection has ended and all streams are closed.
 */
export async function serveSpdy(socket: Duplex, head: Buffer, onStream: (stream: SpdyStream) => void): Promise<void> {
  const reader = createByteReader(socket, head);
  const decode = createHeaderDecoder();
  const streams = new Map<number, Duplex & { wantsMore?: (() => void) | undefined }>();
  const isFirstBlock = { value: true };

  const open = (id: number, headers: Record<string, string>): void => {
    const stream: Duplex & { wantsMore?: (() => void) | undefined } = new Duplex({
      read() {
        stream.wantsMore?.();
        stream.wantsMore = undefined;
      },
      write(chunk: Buffer, _encoding, done) {
        write(socket, dataFrame(id, chunk, 0)).then(() => done(), done);
      },
      final(done) {
        write(socket, dataFrame(id, Buffer.alloc(0), finFlag)).then(() => done(), done);
      },
      destroy(error, done) {
        if (!stream.writableFinished || !stream.readableEnded) {
          const body = Buffer.alloc(8);
          body.writeUInt32BE(id);
          body.writeUInt32BE(5, 4);
          if (error && socket.writable) socket.write(controlFrame(frameTypes.rstStream, 0, body));
        }
        stream.wantsMore?.();
        streams.delete(id);
        done(null);
      },
    });
    streams.set(id, stream);
    onStream({ id, headers, stream });
  };

  try {
    for (;;) {
      const start = await reader.read(8);
      if (!start) break;
      const flags = start[4] ?? 0;
      const payload = await reader.read(start.readUIntBE(5, 3));
      if (!payload) break;
      if (((start[0] ?? 0) & 0x80) === 0) {
        await deliver(streams.get(start.readUInt32BE() & 0x7fffffff), payload, flags);
        continue;
      }
      const type = start.readUInt16BE(2);
      if (type === frameTypes.synStream) {
        const id = payload.readUInt32BE() & 0x7fffffff;
        const headers = await decode.next(payload.subarray(10));
        await write(socket, synReply(id, isFirstBlock));
        open(id, headers);
        if (flags & finFlag) await deliver(streams.get(id), Buffer.alloc(0), finFlag);
      } else if (type === frameTypes.ping) {
        if (payload.readUInt32BE() % 2 === 1) await write(socket, controlFrame(frameTypes.ping, 0, payload));
      } else if (type === frameTypes.rstStream) streams.get(payload.readUInt32BE() & 0x7fffffff)?.destroy();
    }
  } finally {
    decode.close();
    for (const stream of [...streams.values()]) stream.destroy();
    if (socket.writable) socket.end();
  }
}

/** A full stream holds back the whole connection: SPDY as Go's library speaks it has no window per stream. */
async function deliver(
  stream: (Duplex & { wantsMore?: (() => void) | undefined }) | undefined,
  data: Buffer,
  flags: number,
): Promise<void> {
  if (!stream || stream.destroyed) return;
  const hasRoom = data.length === 0 || stream.push(data);
  if (flags & finFlag) stream.push(null);
  else if (!hasRoom && !stream.destroyed) await new Promise<void>((resolve) => (stream.wantsMore = resolve));
}

function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8003);
  head.writeUInt16BE(type, 2);
  head[4] = flags;
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function dataFrame(id: number, data: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id);
  head[4] = flags;
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

/** An answer without headers, as a stored deflate block with an empty one behind it to flush the reader. */
function synReply(id: number, isFirst: { value: boolean }): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(id);
  const zlibHead = isFirst.value ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0);
  isFirst.value = false;
  const stored = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
  return controlFrame(frameTypes.synReply, 0, Buffer.concat([head, zlibHead, stored]));
}

/** Header blocks of one connection share one compression state, so they are read one after the other. */
function createHeaderDecoder() {
  const inflate = createInflate({
    dictionary: spdyDictionary(),
    flush: constants.Z_SYNC_FLUSH,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  let failed: Error | undefined;
  inflate.on('error', (error) => {
    failed = error;
  });
  return {
    next: (block: Buffer): Promise<Record<string, string>> =>
      new Promise((resolve, reject) => {
        inflate.write(block, () => {
          const chunks: Buffer[] = [];
          for (let chunk = inflate.read() as Buffer | null; chunk !== null; chunk = inflate.read() as Buffer | null)
            chunks.push(chunk);
          if (failed) reject(failed);
          else resolve(parseHeaders(Buffer.concat(chunks)));
        });
      }),
    close: () => inflate.close(),
  };
}

function parseHeaders(block: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let offset = 4;
  const text = (): string => {
    const length = block.readUInt32BE(offset);
    offset += 4 + length;
    return block.toString('utf8', offset - length, offset);
  };
  for (let count = block.readUInt32BE(0); count > 0; count -= 1) {
    const name = text().toLowerCase();
    headers[name] = text();
  }
  return headers;
}
