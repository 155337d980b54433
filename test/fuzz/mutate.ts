/** Random numbers that repeat for a seed (xorshift). */
export interface Random {
  /** 0 to below the limit. */
  below(limit: number): number;
  pick<Value>(values: readonly Value[]): Value;
}

export function createRandom(seed: number): Random {
  let state = seed | 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return limit <= 0 ? 0 : (state >>> 0) % limit;
  };
  return { below, pick: (values) => values[below(values.length)]! };
}

/** One to six random changes of a text: of bytes, words, lines, indentation, and grafts of another text. */
export function mutate(text: string, other: string, random: Random): string {
  let result = text;
  for (let count = random.below(2) === 0 ? 1 : random.below(6) + 1; count > 0; count -= 1)
    result = random.pick(mutations)(result, other, random);
  return result.length > 200_000 ? result.slice(0, 200_000) : result;
}

type Mutation = (text: string, other: string, random: Random) => string;

const mutations: readonly Mutation[] = [
  (text, _, random) => splice(text, random.below(text.length), random.below(10), ''),
  (text, _, random) => splice(text, random.below(text.length), 0, random.pick(snippets)),
  (text, _, random) => splice(text, random.below(text.length), 1, String.fromCharCode(random.below(256))),
  (text, _, random) => mapLine(text, random, (line) => `${' '.repeat(random.below(9))}${line.trimStart()}`),
  (text, _, random) => mapLine(text, random, (line) => `${line}\n${line}`),
  (text, _, random) => mapLine(text, random, () => ''),
  (text, _, random) => mapLine(text, random, (line) => line.replace(/:.*/s, `: ${random.pick(values)}`)),
  (text, _, random) => mapLine(text, random, (line) => line.replace(/[\w-]+(?=:)/, random.pick(keys))),
  (text, other, random) => {
    const lines = other.split('\n');
    const start = random.below(lines.length);
    return mapLine(text, random, (line) => [line, ...lines.slice(start, start + random.below(12))].join('\n'));
  },
  (text, _, random) => text.replace(/version: *\S+/, `version: ${random.pick(versions)}`),
  (text, _, random) => text.slice(0, random.below(text.length)),
  (text, _, random) =>
    text.replaceAll(random.pick(['\n', '  ', ': ', '"', '- ']), random.pick(['\r\n', '\t', ':', "'", '-', '\n'])),
  (text, _, random) => `${text}\n${random.pick(endings)(random)}`,
];

const versions = [
  'v1alpha1',
  'v1alpha4',
  'v1beta1',
  'v1beta2',
  'v1beta3',
  'v1beta9',
  'v1beta10',
  'v1beta11',
  'v2beta1',
  'v9',
  '',
];
const keys = [
  'images',
  'dev',
  'vars',
  'profiles',
  'name',
  'image',
  'helm',
  'path',
  '__proto__',
  'constructor',
  '<<',
  '? ',
  'toString',
  'x y',
  '"',
  '0',
];
const values = [
  '{}',
  '[]',
  'null',
  '~',
  '""',
  '[[[]]]',
  '{a: {b: c}}',
  '1e999',
  '-0',
  '0x',
  '${X}',
  '$${X}',
  '$!{X}',
  '${',
  '*a',
  '&a',
  '!!int x',
  '!t',
  '|',
  '>-',
  '"\\u0000"',
  '.nan',
  '2001-01-01',
  'yes',
  '99999999999999999999',
  '@',
  '%',
  '{{ .x }}',
];
const snippets = [
  '&a ',
  '*a',
  '<<: *a',
  '---\n',
  '...\n',
  '\t',
  '# ',
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud800',
  ': ',
  '? ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|',
  '>',
  '!!',
  '%',
  '${',
  '}',
  '$!{A}',
  '\n\n',
  '\r',
];

const endings: readonly ((random: Random) => string)[] = [
  (random) => '['.repeat(random.below(3_000)),
  (random) => Array.from({ length: random.below(400) }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n'),
  (random) =>
    Array.from(
      { length: random.below(40) },
      (_, index) => `b${index}: &b${index} [*b${index - 1}, *b${index - 1}]`,
    ).join('\n'),
  (random) =>
    Array.from(
      { length: random.below(20) },
      (_, index) => `m${index}: &m${index}\n  <<: [*m${index - 1}, *m${index - 1}]`,
    ).join('\n'),
  (random) =>
    `vars:\n${Array.from({ length: random.below(30) }, (_, index) => `  V${index}: \${V${(index + 1) % 7}}`).join('\n')}`,
  (random) =>
    `profiles:\n${Array.from({ length: random.below(30) }, (_, index) => `- name: p${index}\n  parent: p${random.below(30)}`).join('\n')}`,
];

function splice(text: string, start: number, removed: number, added: string): string {
  return text.slice(0, start) + added + text.slice(start + removed);
}

function mapLine(text: string, random: Random, change: (line: string) => string): string {
  const lines = text.split('\n');
  const index = random.below(lines.length);
  return lines.with(index, change(lines[index] ?? '')).join('\n');
}
