/**
 * SPDY/3.1 frames, as far as Kubernetes uses them (our reference, `streams.md` section 1.5). Pure: bytes in, frames out.
 */
export type SpdyFrame =
  | { readonly type: 'data'; readonly streamId: number; readonly fin: boolean; readonly payload: Buffer }
  | { readonly type: 'reply'; readonly streamId: number; readonly fin: boolean }
  | { readonly type: 'reset'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }
  | { readonly type: 'other' };

const control = 0x80;
const version = 3;
const types = { synStream: 1, synReply: 2, reset: 3, ping: 6, goaway: 7 } as const;
const finFlag = 1;
const headBytes = 8;
/** The length field has 24 bits; a server of Kubernetes sends at most 32 KiB. Larger frames are not SPDY. */
const maxPayload = 0xffffff;

function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head[0] = control;
  head[1] = version;
  head.writeUInt16BE(type, 2);
  head[4] = flags;
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function wordsFrame(type: number, ...words: number[]): Buffer {
  const payload = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => payload.writeUInt32BE(word, index * 4));
  return controlFrame(type, 0, payload);
}

/**
 * Writes header blocks of one connection. The blocks form one zlib stream, but need no compressor: they go out as
 * stored deflate blocks, each followed by an empty one, without which Go's inflater waits for more input.
 */
export function createHeaderWriter(): (headers: Readonly<Record<string, string>>) => Buffer {
  let first = true;
  return (headers) => {
    const pairs = Object.entries(headers);
    const parts = [word(pairs.length)];
    for (const [name, value] of pairs) parts.push(counted(name.toLowerCase()), counted(value));
    const raw = Buffer.concat(parts);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(raw.length, 1);
    stored.writeUInt16LE(~raw.length & 0xffff, 3);
    const start = first ? Buffer.from([0x78, 0x01]) : Buffer.alloc(0);
    first = false;
    return Buffer.concat([start, stored, raw, Buffer.from([0, 0, 0, 0xff, 0xff])]);
  };
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([word(bytes.length), bytes]);
}

export function synStreamFrame(streamId: number, headerBlock: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt32BE(streamId);
  return controlFrame(types.synStream, 0, Buffer.concat([head, headerBlock]));
}

/** The head of a data frame; the payload follows as it is, so that it is not copied. */
export function dataFrameHead(streamId: number, length: number, fin: 'fin' | 'more'): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(streamId);
  head[4] = fin === 'fin' ? finFlag : 0;
  head.writeUIntBE(length, 5, 3);
  return head;
}

export const resetFrame = (streamId: number, status: number): Buffer => wordsFrame(types.reset, streamId, status);
export const pingFrame = (id: number): Buffer => wordsFrame(types.ping, id);
export const goawayFrame = (): Buffer => wordsFrame(types.goaway, 0, 0);

/** Cuts a byte stream into frames; keeps what is incomplete for the next call. Throws if it is not SPDY/3. */
export function createFrameReader(): (chunk: Buffer) => SpdyFrame[] {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let wanted = headBytes;
  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < wanted) return [];
    let buffer = pending.length === 1 ? chunk : Buffer.concat(pending);
    const frames: SpdyFrame[] = [];
    for (;;) {
      wanted = headBytes;
      if (buffer.length < wanted) break;
      wanted += buffer.readUIntBE(5, 3);
      if (wanted > headBytes + maxPayload) throw new Error('a frame is too large');
      if (buffer.length < wanted) break;
      frames.push(readFrame(buffer.subarray(0, wanted)));
      buffer = buffer.subarray(wanted);
    }
    pending = buffer.length > 0 ? [buffer] : [];
    pendingBytes = buffer.length;
    return frames;
  };
}

function readFrame(frame: Buffer): SpdyFrame {
  const flags = frame.readUInt8(4);
  const payload = frame.subarray(headBytes);
  const fin = (flags & finFlag) !== 0;
  if ((frame.readUInt8(0) & control) === 0) {
    return { type: 'data', streamId: frame.readUInt32BE(0), fin, payload };
  }
  if ((frame.readUInt16BE(0) & 0x7fff) !== version) throw new Error('the server does not speak SPDY/3.1');
  const first = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fffffff : 0;
  switch (frame.readUInt16BE(2)) {
    case types.synReply:
      return { type: 'reply', streamId: first, fin };
    case types.reset:
      return { type: 'reset', streamId: first, status: payload.length >= 8 ? payload.readUInt32BE(4) : 0 };
    case types.ping:
      return { type: 'ping', id: payload.length >= 4 ? payload.readUInt32BE(0) : 0 };
    case types.goaway:
      return { type: 'goaway' };
    default:
      return { type: 'other' };
  }
}
