import { describe, expect, test } from 'vitest';
import { expand, splitWords, toJsonStrings, toPairs, unquote } from '../../../../src/embedded/engine/words.ts';

const env = { A: 'one', EMPTY: '', PATH: '/bin' };

test.each([
  ['$A/${A}x$B.', 'one/onex.'],
  ['${B:-two} ${EMPTY:-three} ${A:-no}', 'two three one'],
  ['${A:+set} ${EMPTY:+set}${B:+set}', 'set '],
  ['${B:-${A}}', 'one'],
  ['\'$A\' "$A"', '\'$A\' "one"'],
  ['\\$A', '\\$A'],
  ['/new:$PATH', '/new:/bin'],
  ['$ and ${', '$ and ${'],
])('expands %j to %j', (text, expected) => expect(expand(text, env)).toBe(expected));

describe('words', () => {
  test.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['a="x y" b=\'p q\' c\\ d', ['a=x y', 'b=p q', 'c d']],
    ['"say \\"hi\\""', ['say "hi"']],
    ['', []],
  ])('of %j', (text, expected) => expect(splitWords(text).map(unquote)).toEqual(expected));

  test.each([
    [
      'A=b C="d e"',
      [
        ['A', 'b'],
        ['C', 'd e'],
      ],
    ],
    ['A b  c', [['A', 'b  c']]],
    ['"a.b"="x=y"', [['a.b', 'x=y']]],
    [
      'A= B',
      [
        ['A', ''],
        ['B', ''],
      ],
    ],
  ])('as pairs: %j', (text, expected) => expect(toPairs(text)).toEqual(expected));
});

test.each([
  ['["a", "b c"]', ['a', 'b c']],
  ['["a"', undefined],
  ['[1]', undefined],
  ['echo ["a"]', undefined],
])('%j as exec form', (text, expected) => expect(toJsonStrings(text)).toEqual(expected));
