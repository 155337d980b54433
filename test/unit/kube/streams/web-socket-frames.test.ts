import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPieceReader, maskedFrame, opcodes } from '../../../../src/kube/streams/web-socket-frames.ts';

/** What a server does with a frame of ours. */
function unmask(frame: Buffer): { opcode: number; payload: Buffer; isFinal: boolean; isMasked: boolean } {
  const short = frame.readUInt8(1) & 0x7f;
  const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
  const key = frame.subarray(headBytes, headBytes + 4);
  const payload = Buffer.from(frame.subarray(headBytes + 4).map((byte, i) => byte ^ (key[i & 3] ?? 0)));
  expect(payload.length).toBe(length);
  return {
    opcode: frame.readUInt8(0) & 15,
    payload,
    isFinal: (frame.readUInt8(0) & 0x80) !== 0,
    isMasked: (frame.readUInt8(1) & 0x80) !== 0,
  };
}

function serverFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const head = Buffer.from([
    (isFinal ? 0x80 : 0) | opcode,
    ...(payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255]),
  ]);
  return Buffer.concat([head, payload]);
}

test.each([0, 1, 3, 125, 126, 65_535, 65_536, 200_001])('a message of %i bytes is one masked frame', (length) => {
  const payload = Buffer.alloc(length, 'abcdefg');
  const parts = [payload.subarray(0, 1), payload.subarray(1)];
  const before = Buffer.from(payload);
  const got = unmask(maskedFrame(opcodes.binary, parts));
  expect(got.payload.equals(payload)).toBe(true);
  expect({ ...got, payload: undefined }).toEqual({ opcode: 2, isFinal: true, isMasked: true });
  expect(payload.equals(before)).toBe(true);
});

test('no key is used twice in a row', () => {
  const frames = Array.from({ length: 3000 }, () => maskedFrame(opcodes.binary, [Buffer.alloc(4)]).toString('hex'));
  expect(new Set(frames).size).toBeGreaterThan(2990);
});

test('messages are read the same however the bytes are cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (contents, cuts) => {
      const bytes = Buffer.concat(contents.map((content) => serverFrame(opcodes.binary, Buffer.from(content))));
      const read = createPieceReader();
      const got: Buffer[] = [];
      for (let offset = 0, i = 0; offset < bytes.length; i += 1) {
        const cut = cuts[i % cuts.length] ?? 1;
        for (const { payload, isStart } of read(bytes.subarray(offset, offset + cut))) {
          if (isStart) got.push(payload);
          else got.push(Buffer.concat([got.pop() ?? Buffer.alloc(0), payload]));
        }
        offset += cut;
      }
      expect(got).toEqual(contents.map((content) => Buffer.from(content)));
    }),
  );
});

test('a control frame comes whole, also between the parts of a message', () => {
  const read = createPieceReader();
  const bytes = Buffer.concat([
    serverFrame(opcodes.binary, Buffer.from('one '), false),
    serverFrame(opcodes.ping, Buffer.from('are you there')),
    serverFrame(opcodes.continuation, Buffer.from('two')),
  ]);
  const pieces = [...read(bytes.subarray(0, 9)), ...read(bytes.subarray(9))];
  expect(pieces.map(({ opcode, payload, isStart }) => [opcode, String(payload), isStart])).toEqual([
    [2, 'one ', true],
    [9, 'are you there', true],
    [0, 'two', false],
  ]);
});

test('what no server may send ends the connection', () => {
  expect(() => createPieceReader()(maskedFrame(opcodes.binary, [Buffer.from('x')]))).toThrow(/not a WebSocket/);
  expect(() => createPieceReader()(serverFrame(opcodes.ping, Buffer.alloc(200)))).toThrow(/control frame/);
});
