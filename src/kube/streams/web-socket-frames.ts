import { randomFillSync } from 'node:crypto';

/**
 * WebSocket frames (RFC 6455) as a client of Kubernetes needs them: one message is one frame, because the server takes
 * the first byte of a continuation for a channel number (our reference, `streams.md` section 1.2). Pure: bytes in,
 * bytes out.
 */
export const opcodes = { continuation: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A part of a message, as soon as it is there. */
export interface Piece {
  readonly opcode: number;
  readonly payload: Buffer;
  /** The first part of its message; it has at least one byte unless the message is empty. */
  readonly isStart: boolean;
}

const final = 0x80;
const masked = 0x80;
/** Control frames have at most this payload, and are read whole. */
const maxControl = 125;

/** One message whose payload is the parts one after the other. The parts are not changed. */
export function maskedFrame(opcode: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const headBytes = 2 + lengthBytes + 4;
  // the payload begins at a multiple of four, so that it can be masked four bytes at a time
  const slack = (4 - (headBytes % 4)) % 4;
  const whole = Buffer.allocUnsafeSlow(slack + headBytes + length);
  const frame = whole.subarray(slack);
  frame[0] = final | opcode;
  frame[1] = masked | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const key = nextKey();
  key.copy(frame, headBytes - 4);
  let offset = headBytes;
  for (const part of parts) offset += part.copy(frame, offset);
  mask(frame.subarray(headBytes), key);
  return frame;
}

function mask(payload: Buffer, key: Buffer): void {
  const words = payload.length >> 2;
  const view = new Int32Array(payload.buffer, payload.byteOffset, words);
  const word = new Int32Array(Uint8Array.from(key).buffer)[0] ?? 0;
  for (let i = 0; i < words; i += 1) view[i] = (view[i] ?? 0) ^ word;
  for (let i = words * 4; i < payload.length; i += 1) payload[i] = (payload[i] ?? 0) ^ (key[i & 3] ?? 0);
}

const keys = Buffer.alloc(4096);
let usedKeys = keys.length;

/** The standard wants a key that cannot be foreseen for each frame; random bytes are cheap by the thousand. */
function nextKey(): Buffer {
  if (usedKeys >= keys.length) {
    randomFillSync(keys);
    usedKeys = 0;
  }
  usedKeys += 4;
  return keys.subarray(usedKeys - 4, usedKeys);
}

/** Cuts a byte stream into pieces of messages. Throws if it is not what a server may send. */
export function createPieceReader(): (chunk: Buffer) => Piece[] {
  let pending: Buffer = Buffer.alloc(0);
  let frame: { readonly opcode: number; left: number; isStart: boolean } | undefined;
  return (chunk) => {
    let buffer = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    const pieces: Piece[] = [];
    for (;;) {
      if (!frame) {
        const head = readHead(buffer);
        if (!head) break;
        const isControl = head.opcode >= opcodes.close;
        if (isControl && buffer.length < head.headBytes + head.length) break;
        buffer = buffer.subarray(head.headBytes);
        frame = { opcode: head.opcode, left: head.length, isStart: head.opcode !== opcodes.continuation };
      }
      if (frame.left > 0 && buffer.length === 0) break;
      const payload = buffer.subarray(0, frame.left);
      const { isStart } = frame;
      pieces.push({ opcode: frame.opcode, payload, isStart });
      buffer = buffer.subarray(payload.length);
      frame.left -= payload.length;
      frame.isStart = false;
      if (frame.left === 0) frame = undefined;
    }
    pending = buffer;
    return pieces;
  };
}

interface Head {
  readonly opcode: number;
  readonly headBytes: number;
  readonly length: number;
}

function readHead(buffer: Buffer): Head | undefined {
  if (buffer.length < 2) return undefined;
  const opcode = buffer.readUInt8(0) & 15;
  const second = buffer.readUInt8(1);
  if ((second & masked) !== 0 || (buffer.readUInt8(0) & 0x70) !== 0) throw new Error('this is not a WebSocket server');
  if (second < 126) return { opcode, headBytes: 2, length: second };
  if (opcode >= opcodes.close) throw new Error(`a control frame has more than ${maxControl} bytes`);
  const headBytes = second === 126 ? 4 : 10;
  if (buffer.length < headBytes) return undefined;
  const length = second === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  return { opcode, headBytes, length };
}
