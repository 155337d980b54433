import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { deleteLocal, linkLeavesRoot, placeLocal } from '../../../src/sync/local-side.ts';
import { readLocalEntry } from '../../../src/sync/local-tree.ts';
import { emptyPacked, packLocal } from '../../../src/sync/pack-local.ts';
import type { TreeEntry } from '../../../src/sync/tree.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

/** What is below the root now. */
function lookAt(root: string): (name: string) => TreeEntry | undefined {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const tree = new Map(names.map((name) => [name, readLocalEntry(root, name)]));
  return (name) => tree.get(name);
}

const archiveFrom = (root: string, names: readonly string[], packed = emptyPacked()) =>
  Readable.from(packLocal(root, names, { packed }));

/** An archive as a hostile or broken container could send it: headers are written as they are. */
function archiveOf(
  ...entries: readonly (Partial<Header> & { readonly name: string; readonly content?: string })[]
): Readable {
  const archive = pack();
  for (const { content, ...header } of entries) {
    if (content === undefined) archive.entry({ ...header, size: 0 });
    else archive.entry(header, content);
  }
  archive.finalize();
  return Readable.from(archive, { objectMode: false });
}

async function place(archive: Readable, root: string, seen = lookAt(root)) {
  const placed: string[] = [];
  const problems: string[] = [];
  const edited: string[] = [];
  const { signal } = new AbortController();
  await placeLocal(archive, {
    root,
    seen,
    placed: (name) => void placed.push(name),
    edited: (name) => void edited.push(name),
    problem: (name, reason) => problems.push(`${name} ${reason}`),
    signal,
  });
  return { placed, problems, edited };
}

describe('an archive of the container', () => {
  test('is placed with modes, times and links', async () => {
    const root = tempFolder();
    const mtime = new Date('2020-02-03T04:05:06Z');
    const { placed, problems } = await place(
      archiveOf(
        { name: './a.txt', content: 'hello', mode: 0o640, mtime },
        { name: './d/run.sh', content: '#!/bin/sh', mode: 0o755 },
        { name: './d/empty/', type: 'directory' },
        { name: './link', type: 'symlink', linkname: 'd/run.sh' },
      ),
      root,
    );
    expect([placed, problems]).toEqual([['a.txt', 'd/run.sh', 'd/empty', 'link'], []]);
    expect(readFileSync(path.join(root, 'a.txt'), 'utf8')).toBe('hello');
    expect(statSync(path.join(root, 'a.txt')).mtime).toEqual(mtime);
    expect(statSync(path.join(root, 'a.txt')).mode & 0o777).toBe(0o640);
    expect(statSync(path.join(root, 'd/run.sh')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(path.join(root, 'link'))).toBe('d/run.sh');
    expect(readdirSync(root).sort()).toEqual(['a.txt', 'd', 'link']);
  });

  test('replaces a link, not what it points to', async () => {
    const [root, outside] = [tempFolder(), tempFolder()];
    writeFiles(outside, { precious: 'old' });
    symlinkSync(path.join(outside, 'precious'), path.join(root, 'a'));
    await place(archiveOf({ name: 'a', content: 'new' }), root);
    expect(readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('old');
    expect(lstatSync(path.join(root, 'a')).isFile()).toBe(true);
  });

  test('makes room where a file became a folder and an empty folder a file', async () => {
    const root = tempFolder();
    writeFiles(root, { 'was-file': 'x' });
    mkdirSync(path.join(root, 'was-folder'));
    const { problems } = await place(
      archiveOf({ name: 'was-file/', type: 'directory' }, { name: 'was-folder', content: 'y' }),
      root,
    );
    expect(problems).toEqual([]);
    expect(statSync(path.join(root, 'was-file')).isDirectory()).toBe(true);
    expect(readFileSync(path.join(root, 'was-folder'), 'utf8')).toBe('y');
  });

  test('never replaces a folder that holds something', async () => {
    const root = tempFolder();
    writeFiles(root, { 'd/kept': 'x' });
    const { problems } = await place(archiveOf({ name: 'd', content: 'y' }), root);
    expect(problems).toHaveLength(1);
    expect(readFileSync(path.join(root, 'd/kept'), 'utf8')).toBe('x');
  });

  test('that is cut is an error, and no half file is left', async () => {
    const root = tempFolder();
    const whole = await buffer(archiveOf({ name: 'a', content: 'x'.repeat(50_000) }));
    await expect(place(Readable.from([whole.subarray(0, 20_000)]), root)).rejects.toThrow();
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a hostile archive writes nothing outside', () => {
  const cases: readonly (readonly [string, Partial<Header> & { name: string; content?: string }])[] = [
    ['a name with ..', { name: '../escaped', content: 'x' }],
    ['.. in the middle', { name: 'd/../../escaped', content: 'x' }],
    ['.. at the end', { name: 'd/..', type: 'directory' }],
    ['an absolute name', { name: '/escaped', content: 'x' }],
    ['an absolute name of the target', { name: 'ABSOLUTE', content: 'x' }],
    ['a hard link', { name: 'hard', type: 'link', linkname: '../escaped' }],
    ['a character device', { name: 'device', type: 'character-device', devmajor: 1, devminor: 3 }],
    ['a block device', { name: 'device', type: 'block-device', devmajor: 8, devminor: 0 }],
    ['a fifo', { name: 'fifo', type: 'fifo' }],
    ['a link to an absolute place', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }],
    ['a link to above the root', { name: 'd/link', type: 'symlink', linkname: '../../escaped' }],
  ];

  test.each(cases)('%s', async (_name, entry) => {
    const parent = tempFolder();
    const root = path.join(parent, 'root');
    mkdirSync(root);
    const name = entry.name === 'ABSOLUTE' ? path.join(parent, 'escaped') : entry.name;
    const { placed, problems } = await place(archiveOf({ ...entry, name }, { name: 'good', content: 'y' }), root);
    expect(placed).toEqual(['good']);
    expect(problems).toHaveLength(1);
    expect(readdirSync(parent)).toEqual(['root']);
    expect(readdirSync(root)).toEqual(['good']);
    expect(existsSync('/escaped')).toBe(false);
  });

  test('a link first, then a file below it', async () => {
    const [root, outside] = [tempFolder(), tempFolder()];
    const inside = path.relative(root, outside);
    const { problems } = await place(
      archiveOf(
        { name: 'way', type: 'symlink', linkname: 'd' },
        { name: 'd', type: 'symlink', linkname: inside },
        { name: 'way/x', content: 'x' },
        { name: 'd/x', content: 'x' },
      ),
      root,
    );
    expect(readdirSync(outside)).toEqual([]);
    expect(problems).toHaveLength(2);
  });

  test('a file below a link that is here', async () => {
    const [root, outside] = [tempFolder(), tempFolder()];
    symlinkSync(outside, path.join(root, 'd'));
    const { problems } = await place(
      archiveOf({ name: 'd/x', content: 'x' }, { name: 'd/e/f', content: 'x' }, { name: 'd/g/', type: 'directory' }),
      root,
    );
    expect(readdirSync(outside)).toEqual([]);
    expect(problems).toHaveLength(3);
  });
});

test.each([
  ['a', 'b', false],
  ['a', './b/c', false],
  ['d/a', '../b', false],
  ['d/e/a', '../../b', false],
  ['a', '../b', true],
  ['d/a', '../../b', true],
  ['d/a', 'e/../../../b', true],
  ['a', '/b', true],
  ['a', '..', true],
  ['d/a', '..', false],
])('the link %s → %s leaves the root: %s', (name, target, leaves) => {
  expect(linkLeavesRoot(name, target)).toBe(leaves);
});

describe('what was edited here meanwhile is kept', () => {
  test('by a download', async () => {
    const root = tempFolder();
    writeFiles(root, { a: 'before' });
    const seen = lookAt(root);
    writeFileSync(path.join(root, 'a'), 'edited while the archive was on its way');
    writeFileSync(path.join(root, 'new'), 'created meanwhile');
    const { placed, edited } = await place(
      archiveOf({ name: 'a', content: 'theirs' }, { name: 'new', content: 'theirs' }),
      root,
      seen,
    );
    expect(placed).toEqual([]);
    expect(edited).toEqual(['a', 'new']);
    expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('edited while the archive was on its way');
    expect(readFileSync(path.join(root, 'new'), 'utf8')).toBe('created meanwhile');
  });

  test('by a deletion', async () => {
    const root = tempFolder();
    writeFiles(root, { 'd/a': 'before', 'd/b': 'stays', gone: 'x' });
    const seen = lookAt(root);
    writeFileSync(path.join(root, 'd/a'), 'edited');
    expect(deleteLocal(root, ['gone', 'd/b', 'd/a', 'd', 'never-was'], seen)).toEqual(['d/a', 'd']);
    expect(readdirSync(root)).toEqual(['d']);
    expect(readFileSync(path.join(root, 'd/a'), 'utf8')).toBe('edited');
  });
});

test('archives that arrive in one folder at the same time do not mix', async () => {
  const root = tempFolder();
  const archives = ['a', 'b', 'c'].map((word) =>
    Array.from({ length: 50 }, (_, index) => ({ name: `${word}${index}`, content: `${word}${index}`.repeat(1000) })),
  );
  const results = await Promise.all(archives.map((entries) => place(archiveOf(...entries), root)));
  expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  for (const { name, content } of archives.flat()) {
    expect(readFileSync(path.join(root, name), 'utf8') === content, name).toBe(true);
  }
  expect(readdirSync(root)).toHaveLength(150);
});

test('a folder that became a file while its content was on the way is no failure', async () => {
  const root = tempFolder();
  writeFiles(root, { d: 'a file now' });
  const seen = lookAt(root);
  const { placed, problems } = await place(archiveOf({ name: 'd/e/deep', content: 'theirs' }), root, seen);
  expect([placed, problems]).toEqual([[], ['d/e/deep lies below d, which is no folder here']]);
  expect(readLocalEntry(root, 'd/e')).toBeUndefined();
  expect(deleteLocal(root, ['d/e/deep', 'd/e'], seen)).toEqual([]);
  expect(readdirSync(root)).toEqual(['d']);
});

describe('packLocal', () => {
  test('leaves out what vanished', async () => {
    const root = tempFolder();
    writeFiles(root, { a: 'hello' });
    const copy = tempFolder();
    const { placed } = await place(archiveFrom(root, ['gone', 'gone/too', 'a']), copy);
    expect(placed).toEqual(['a']);
  });

  test('carries every name, mode and time over', async () => {
    const [root, copy] = [tempFolder(), tempFolder()];
    const names = ['plain', ' spaces ', 'new\nline', 'ünï', `${'long/'.repeat(40)}name`, 'quote\'"', '-dash'];
    writeFiles(root, Object.fromEntries(names.map((name) => [name, name])));
    chmodSync(path.join(root, 'plain'), 0o700);
    utimesSync(path.join(root, 'plain'), 1_000_000, 1_000_000);
    const { placed, problems } = await place(archiveFrom(root, names), copy);
    expect([placed, problems]).toEqual([names, []]);
    for (const name of names) expect(readFileSync(path.join(copy, name), 'utf8')).toBe(name);
    expect(statSync(path.join(copy, 'plain'))).toMatchObject({ mode: 0o100700, mtimeMs: 1_000_000_000 });
  });

  test('streams large files whole', async () => {
    const [root, copy] = [tempFolder(), tempFolder()];
    const content = Buffer.alloc(5_000_000, 'abcdefg');
    writeFiles(root, { big: content });
    await place(archiveFrom(root, ['big']), copy);
    expect(readFileSync(path.join(copy, 'big')).equals(content)).toBe(true);
  });
});
