import { connect, type TLSSocket } from 'node:tls';
import { constants, deflateSync } from 'node:zlib';
import { type ByteReader, createByteReader } from '../../src/embedded/streams/byte-reader.ts';
import { spdyDictionary } from '../../src/embedded/streams/spdy-dictionary.ts';
import type { TestApi } from './embedded-api.ts';

export interface Upgraded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket: TLSSocket;
  readonly reader: ByteReader;
  /** What came instead of an upgrade. */
  readonly body: string;
}

/** Asks the server for an upgrade and reads the head of its answer. */
export async function openUpgrade(
  api: TestApi,
  path: string,
  request: { method: string; headers: Record<string, string> },
): Promise<Upgraded> {
  const socket = connect({ host: '127.0.0.1', port: api.port, ca: api.authority.certificate });
  const lines = Object.entries({ Host: 'x', Authorization: 'Bearer admin', Connection: 'Upgrade', ...request.headers });
  socket.on('error', () => {});
  socket.write(
    `${request.method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
  );
  const reader = createByteReader(socket);
  let head = '';
  while (!head.endsWith('\r\n\r\n')) head += (await reader.read(1))?.toString() ?? '\r\n\r\n';
  const [first = '', ...rest] = head.trim().split('\r\n');
  const headers = Object.fromEntries(
    rest.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const status = Number(first.split(' ')[1]);
  const body = status === 101 ? '' : ((await reader.read(Number(headers['content-length'] ?? 0)))?.toString() ?? '');
  return { status, headers, socket, reader, body };
}

export function openWebSocket(api: TestApi, path: string, protocols: string): Promise<Upgraded> {
  const headers = {
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': protocols,
  };
  return openUpgrade(api, path, { method: 'GET', headers });
}

/** One masked binary message. */
export function clientFrame(data: Buffer, opcode = 2): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const head =
    data.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | data.length])
      : Buffer.from([0x80 | opcode, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (head.length > 2) head.writeBigUInt64BE(BigInt(data.length), 2);
  const masked = Buffer.from(data.map((byte, i) => byte ^ (mask[i & 3] ?? 0)));
  return Buffer.concat([head, mask, masked]);
}

/** The next message of the server; undefined at the end. */
export async function nextMessage(reader: ByteReader): Promise<{ opcode: number; data: Buffer } | undefined> {
  const head = await reader.read(2);
  if (!head) return undefined;
  const short = (head[1] ?? 0) & 0x7f;
  const more = short < 126 ? undefined : await reader.read(short === 126 ? 2 : 8);
  const length = !more ? short : more.length === 2 ? more.readUInt16BE() : Number(more.readBigUInt64BE());
  const data = await reader.read(length);
  return data && { opcode: (head[0] ?? 0) & 15, data };
}

/** All that the server says on each channel until it closes. */
export async function readChannels(reader: ByteReader): Promise<Map<number, Buffer>> {
  const channels = new Map<number, Buffer>();
  for (;;) {
    const message = await nextMessage(reader);
    if (!message || message.opcode === 8) return channels;
    const id = message.data[0] ?? -1;
    channels.set(id, Buffer.concat([channels.get(id) ?? Buffer.alloc(0), message.data.subarray(1)]));
  }
}

/** A stream opened as Go's library does it: the headers compressed with the dictionary of SPDY. */
export function synStream(id: number, headers: Record<string, string>, flags = 0): Buffer {
  const text = (value: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([length, Buffer.from(value)]);
  };
  const count = Buffer.alloc(4);
  count.writeUInt32BE(Object.keys(headers).length);
  const block = Buffer.concat([
    count,
    ...Object.entries(headers).flatMap(([name, value]) => [text(name), text(value)]),
  ]);
  const isFirst = id === 1;
  const packed = deflateSync(block, { dictionary: spdyDictionary(), finishFlush: constants.Z_SYNC_FLUSH });
  // Later blocks continue the stream: stored, without the two heads of zlib.
  const stored = Buffer.concat([
    Buffer.from([0, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255]),
    block,
    Buffer.from([0, 0, 0, 0xff, 0xff]),
  ]);
  const body = Buffer.concat([Buffer.from([0, 0, 0, id, 0, 0, 0, 0, 0, 0]), isFirst ? packed : stored]);
  const head = Buffer.from([0x80, 3, 0, 1, flags, 0, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

export function spdyData(id: number, data: Buffer, flags = 0): Buffer {
  const head = Buffer.from([0, 0, 0, id, flags, data.length >> 16, (data.length >> 8) & 255, data.length & 255]);
  return Buffer.concat([head, data]);
}

/** What comes on each stream, and which have been ended or reset, until `until` is content or the connection ends. */
export async function readSpdy(reader: ByteReader, until: (state: SpdyState) => boolean): Promise<SpdyState> {
  const state: SpdyState = { data: new Map(), ended: new Set(), reset: new Set(), pings: [] };
  while (!until(state)) {
    const head = await reader.read(8);
    const body = head && (await reader.read(head.readUIntBE(5, 3)));
    if (!head || !body) break;
    const isControl = ((head[0] ?? 0) & 0x80) !== 0;
    const type = isControl ? head.readUInt16BE(2) : 0;
    if (type === 3) state.reset.add(body.readUInt32BE());
    if (type === 6) state.pings.push(body.readUInt32BE());
    if (isControl) continue;
    const id = head.readUInt32BE();
    state.data.set(id, Buffer.concat([state.data.get(id) ?? Buffer.alloc(0), body]));
    if ((head[4] ?? 0) & 1) state.ended.add(id);
  }
  return state;
}

export interface SpdyState {
  readonly data: Map<number, Buffer>;
  readonly ended: Set<number>;
  readonly reset: Set<number>;
  readonly pings: number[];
}
