import { expect, test } from 'vitest';
import { encodeTexts, fieldsOf } from '../../../src/docker/protobuf.ts';

test('texts that are written are read', () => {
  const long = 'ä'.repeat(300);
  expect([...fieldsOf(encodeTexts('', 'dev', long))].map(([number, value]) => [number, value.toString()])).toEqual([
    [1, ''],
    [2, 'dev'],
    [3, long],
  ]);
});

test('whole numbers of any length, and fields of fixed width are passed over', () => {
  // 3: 300, 4: eight bytes, 5: four bytes, 6: 2 ** 40
  const bytes = '18ac02 21ffffffffffffffff 2dffffffff 30808080808020'.replaceAll(' ', '');
  expect([...fieldsOf(Buffer.from(bytes, 'hex'))]).toEqual([
    [3, 300],
    [6, 2 ** 40],
  ]);
});

test.each([
  ['a text that is cut', '0a05616263'],
  ['a number that is cut', '18ac'],
  ['a type that does not exist', '0f'],
])('%s is no message', (_what, bytes) => {
  expect(() => [...fieldsOf(Buffer.from(bytes, 'hex'))]).toThrow(RangeError);
});
