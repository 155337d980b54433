import { describe, expect, test } from 'vitest';
import { problemText } from '../../../../src/config/diagnostics.ts';
import { at, toData } from '../../../../src/config/document/node.ts';
import { parseYaml } from '../../../../src/config/document/parse.ts';
import { toPlace } from '../../../../src/config/document/source.ts';
import type { KeyPath } from '../../../../src/config/finding.ts';

const parse = (text: string): ReturnType<typeof parseYaml> => parseYaml({ path: '/p/f.yaml', text });

function dataOf(text: string): unknown {
  const { root, problems } = parse(text);
  expect(problems).toEqual([]);
  return root && toData(root);
}

describe('values', () => {
  test.each<[string, unknown]>([
    ['text', 'text'],
    ['8080', 8080],
    ['-5', -5],
    ['0755', 493],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['1.10', 1.1],
    ['1e3', 1000],
    ['12345678901234567890', '12345678901234567890'],
    ['1.2.3', '1.2.3'],
    ['08', 8],
    ['true', true],
    ['FALSE', false],
    ['yes', 'yes'],
    ['off', 'off'],
    ['null', null],
    ['~', null],
    ['', null],
    ['"8080"', '8080'],
    ["'it''s'", "it's"],
    ['!!str 8080', '8080'],
    ['2001-01-01', '2001-01-01'],
    ['12:30', '12:30'],
    ['8080:80', '8080:80'],
    ['"a\\tb"', 'a\tb'],
    ['|\n  one\n  two', 'one\ntwo\n'],
    ['>-\n  one\n  two', 'one two'],
    ['[a, {b: c}]', ['a', { b: 'c' }]],
  ])('%j', (text, value) => {
    expect(dataOf(`key: ${text}`)).toEqual({ key: value });
  });

  test('keys are text as they are written', () => {
    expect(dataOf('8080: a\ntrue: b\n0755: c\n"x y": d')).toEqual({ '8080': 'a', true: 'b', '0755': 'c', 'x y': 'd' });
  });

  test('a key may have any name', () => {
    const { root } = parse('__proto__: 1\nconstructor: 2');
    expect(Object.entries(root ? (toData(root) as object) : {})).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test('what a map has itself wins over what it merges, earlier maps over later ones', () => {
    expect(dataOf('a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3')).toMatchObject({
      c: { x: 3, y: 1, z: 2 },
    });
  });
});

describe('places', () => {
  const text = `# head
a: 1
b:
  - one
  - "two"
  - c: |
      text
    d:
e: {f: [1, 2], g: 'x'}
h: !!str 5
`;
  test.each<[KeyPath, number, number]>([
    [['a'], 2, 4],
    [['b', 0], 4, 5],
    [['b', 1], 5, 5],
    [['b', 2, 'c'], 7, 1],
    [['b', 2, 'd'], 8, 7],
    [['e', 'f', 1], 9, 12],
    [['e', 'g'], 9, 19],
    [['h'], 10, 10],
  ])('%j', (path, line, column) => {
    const { root } = parse(text);
    const node = root && at(root, path);
    expect(node && toPlace(node.span)).toEqual({ line, column });
  });

  test('count the same with Windows line ends', () => {
    const { root } = parse(text.replaceAll('\n', '\r\n'));
    const node = root && at(root, ['e', 'g']);
    expect(node && toPlace(node.span)).toEqual({ line: 9, column: 19 });
  });
});

describe('brackets and quotes that go on without indentation', () => {
  test.each<[string, unknown]>([
    ['a: [\n  x,\n  y\n]\nb: 1\n', { a: ['x', 'y'], b: 1 }],
    ['a:\n  b: [\n  x\n]\nc: {\n"d": 1\n}\n', { a: { b: ['x'] }, c: { d: 1 } }],
    ['a: "one\ntwo"\n', { a: 'one two' }],
    ["a: [ # [\n\"]\", 'it''s'\n]\n", { a: [']', "it's"] }],
    ['a:\n  - b: [\n\tx\n  ]\n    c: |\n      [ "\n', { a: [{ b: ['x'], c: '[ "\n' }] }],
  ])('%j', (text, data) => expect(dataOf(text)).toEqual(data));

  test('keep their places', () => {
    const text = 'a:\n  b: [\n  x,\n  {y: 1, y: 2}\n]\nc: 1\nc: 2\n';
    const { root, problems } = parse(text);
    const node = root && at(root, ['a', 'b', 1, 'y']);
    expect(node && toPlace(node.span)).toEqual({ line: 4, column: 7 });
    expect(problems.map(({ span }) => span && toPlace(span))).toEqual([
      { line: 4, column: 10 },
      { line: 7, column: 1 },
    ]);
    expect(problems[0] && problemText(problems[0], '/p')).toContain('  4 |   {y: 1, y: 2}\n    |          ^');
  });

  test('are bounded in large files', () => {
    const start = performance.now();
    parse(Array.from({ length: 40_000 }, (_, index) => `k${index}: [\n]`).join('\n'));
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('mistakes', () => {
  test.each<[string, string, string]>([
    [
      'tab',
      'a:\n\tb: 1\n',
      'f.yaml:2:1: a tab stands at the begin of the line; YAML allows only spaces there\n  2 | \tb: 1\n    | ^',
    ],
    [
      'indentation',
      'a: 1\n b: 2\n',
      'f.yaml:2:3: the indentation of this line does not fit the lines above, or a text with ": " needs quotes\n  2 |  b: 2\n    |   ^',
    ],
    [
      'no colon',
      'a: 1\nword\nb: 2\n',
      'f.yaml:2:1: this line has neither a key with a colon nor a list entry\n  2 | word\n    | ^',
    ],
    [
      'open quote',
      'a: "x\nb: 1\n',
      'f.yaml:1:4: a bracket or a quote is opened here and not closed\n  1 | a: "x\n    |    ^',
    ],
    [
      'open bracket',
      'a: [1,\n# [\nb: 2\n',
      'f.yaml:1:4: a bracket or a quote is opened here and not closed\n  1 | a: [1,\n    |    ^',
    ],
    [
      'special start',
      'a: @x\n',
      'f.yaml:1:4: a value that begins with @ must be put into quotes\n  1 | a: @x\n    |    ^',
    ],
    ['map as key', '[a]: 1\n', 'f.yaml:1:1: a key must be text, found a list\n  1 | [a]: 1\n    | ^^'],
    [
      'merge of a word',
      'a:\n  <<: word\n',
      'f.yaml:2:3: a["<<"]: only maps can be merged with <<\n  2 |   <<: word\n    |   ^^',
    ],
  ])('%s', (_, text, message) => {
    const [problem] = parse(text).problems;
    expect(problem && problemText(problem, '/p')).toBe(message);
  });

  test('all duplicate keys are told', () => {
    expect(parse('a: 1\nb: {c: 1, c: 2}\na: 2\n').problems.map(({ path }) => path.join('.'))).toEqual(['b.c', 'a']);
  });

  test('a tag that was meant as text is warned about', () => {
    const { root, problems } = parse('- !node_modules\n');
    expect(root && toData(root)).toEqual(['']);
    expect(problems).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('YAML takes !node_modules for a tag') },
    ]);
  });

  test('a control character is found and not shown', () => {
    const [problem] = parse('a: 1\nb: "x\u001b[31m"\n').problems;
    expect(problem && problemText(problem, '/p')).toBe(
      'f.yaml:2:6: a control character stands here, which YAML does not allow\n  2 | b: "x"\n    |      ^',
    );
  });

  test('a long line is cut around the mistake', () => {
    const [problem] = parse(`a: ${'x'.repeat(5_000)}\nb: "${'y'.repeat(5_000)}\\q"\n`).problems;
    const text = problem ? problemText(problem, '/p') : '';
    expect(text.length).toBeLessThan(600);
    expect(text).toMatch(/f.yaml:2:5006: unknown escape sequence/);
  });
});
