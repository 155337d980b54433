import { expect, test } from 'vitest';
import { createFrameReader, encodeFrame, numberBytes } from '../../../src/forward/frames.ts';

test('frames that come in pieces of any size are read whole', () => {
  const bytes = Buffer.concat([
    encodeFrame('O', 1, numberBytes(70_000)),
    encodeFrame('D', 1, Buffer.from('words')),
    encodeFrame('F', 4_000_000_000),
  ]);
  for (const size of [1, 2, 7, bytes.length]) {
    const read = createFrameReader();
    const frames = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      read(bytes.subarray(index * size, (index + 1) * size)),
    ).flat();
    expect(frames.map(({ kind, id, data }) => [kind, id, data.toString('hex')])).toEqual([
      ['O', 1, '00011170'],
      ['D', 1, Buffer.from('words').toString('hex')],
      ['F', 4_000_000_000, ''],
    ]);
  }
});

test('what is no frame is refused', () => {
  expect(() => createFrameReader()(Buffer.from('no frame at all'))).toThrow('no frame');
  expect(() => createFrameReader()(encodeFrame('D', 1).fill(0xff, 5))).toThrow('no frame');
});
