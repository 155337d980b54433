import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseListing, parseRecord, toRecord } from '../../../src/sync/listing.ts';
import type { TreeEntry } from '../../../src/sync/tree.ts';
import { thrownBy } from '../../helpers/error-of.ts';

/** What is listed, without what cannot be synchronised. */
const read = (text: string): Map<string, TreeEntry> =>
  new Map([...parseListing(text)].flatMap(({ name, entry }) => (entry ? [[name, entry] as const] : [])));

/** mtime and ctime, with this fraction of a second. */
const times = (fraction: number): string =>
  ['2026-01-01 00:00:00.5 +0000', `2026-01-01 00:00:00.${fraction} +0000`].join(' ');

test('reads type, size, time and mode', () => {
  const text = `81a4 12 1700000000 ${times(1700000001)} ./a.txt//\n41ed 4096 1700000002 ${times(1700000003)} ./d//\na1ff 3 5 ${times(6)} ./link//\n`;
  expect([...read(text)]).toEqual([
    ['a.txt', { type: 'file', size: 12, mtime: 1700000000, mode: 0o644, fingerprint: expect.any(String) }],
    ['d', { type: 'directory', size: 4096, mtime: 1700000002, mode: 0o755, fingerprint: 'directory' }],
    ['link', { type: 'symlink', size: 3, mtime: 5, mode: 0o777, fingerprint: expect.any(String) }],
  ]);
});

test('an empty listing is an empty tree', () => {
  expect(read('').size).toBe(0);
});

test('names may hold everything but a slash', () => {
  // U+FFFD stands for what could not be decoded, `..` leads out of the root: both are nobody's names
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => !/[/\0\ufffd]/.test(text) && text !== '..');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 10 }), (paths) => {
      const text = paths.map((value) => `81a4 1 2 ${times(3)} ./${value}//\n`).join('');
      expect([...read(text).keys()]).toEqual(paths);
    }),
  );
});

test.each(['a\nb', '\nleading', 'trailing\n', ' spaces ', '81a4 1 2 3 .', 'quote\'s "both"', 'tab\there', 'ünï'])(
  'the name %j',
  (name) => {
    expect([...read(`81a4 1 2 ${times(3)} ./${name}//\n81a4 1 2 ${times(3)} ./next//\n`).keys()]).toEqual([
      name,
      'next',
    ]);
  },
);

test('times before 1970 are times', () => {
  expect(read(`81a4 1 -5 ${times(7)} ./old//\n`).get('old')?.mtime).toBe(-5);
});

test('sockets, fifos and devices are left out', () => {
  expect([
    ...read(`11a4 0 1 ${times(1)} ./fifo//\nc1ff 0 1 ${times(1)} ./socket//\n6180 0 1 ${times(1)} ./disk//\n`).keys(),
  ]).toEqual([]);
});

test("a name that is no UTF-8 is nobody's", () => {
  expect(read(`81a4 1 1 ${times(1)} ./a\ufffd//\n`).size).toBe(0);
});

test.each(['../x', 'a/../../x', '/etc/passwd'])('a hostile path %s is nowhere', (name) => {
  expect([...parseListing(`81a4 1 1 ${times(1)} ./${name}//\n`)]).toEqual([]);
});

test('a record is read as it was written', () => {
  const text = `81a4 1 2 ${times(3)} ./a\nb//\nd ./d//\n`;
  const entries = [...read(text)];
  expect(entries.map(([name, entry]) => toRecord(name, entry)).join('')).toBe(text);
  for (const [name, entry] of entries) expect(parseRecord(name, entry.fingerprint)).toEqual({ name, entry });
  expect(parseRecord('a', 'edited there')).toBeUndefined();
});

describe('what is no listing is SYNC_ANSWER, never an empty folder', () => {
  test.each([
    ['garbage', 'sh: stat: not found'],
    ['a record that is cut', `81a4 12 1700000000 ${times(1700000001)} ./a.tx`],
    ['a later record that is cut', `81a4 1 2 ${times(3)} ./a//\n81a4 1 2`],
    ['an error message between records', `81a4 1 2 ${times(3)} ./a//\nfind: ./b: gone\n81a4 1 2 ${times(3)} ./c//`],
    ['another format', '-rw-r--r-- 1 root root 12 Jan 1 00:00 a.txt//'],
  ])('%s', (_name, text) => {
    const error = thrownBy(() => read(text));
    expect(error.code).toBe('SYNC_ANSWER');
    expect(error.message).toContain('nothing was changed');
  });
});

describe('the fingerprint', () => {
  const of = (record: string) =>
    read(`${record.replace(/ (\d+)$/, ' 2026-01-01 00:00:00.1 +0000 2026-01-01 00:00:00.$1 +0000')} ./x//\n`).get('x')
      ?.fingerprint;

  test.each([
    ['size', '81a4 2 3 4'],
    ['mtime', '81a4 1 9 4'],
    ['ctime alone, as an edit with the old time has it', '81a4 1 3 9'],
    ['mode', '81ed 1 3 4'],
    ['type', 'a1ff 1 3 4'],
  ])('changes with the %s', (_name, record) => {
    expect(of(record)).not.toBe(of('81a4 1 3 4'));
  });

  test('of a folder stays, whatever its times are', () => {
    expect(of('41ed 4096 1 1')).toBe(of('41ed 8192 7 7'));
  });
});
