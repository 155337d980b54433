import { describe, expect, test } from 'vitest';
import { selectBiggest, warnOfFolder, warnOfSize } from '../../../src/sync/size-warning.ts';
import type { TreeEntry } from '../../../src/sync/tree.ts';

const file: TreeEntry = { type: 'file', size: 1, mtime: 1, mode: 0o644, fingerprint: 'f' };

/** So many files in each of these folders. */
const treeOf = (folders: Readonly<Record<string, number>>): Map<string, TreeEntry> =>
  new Map(
    Object.entries(folders).flatMap(([folder, count]) =>
      Array.from({ length: count }, (_, index): [string, TreeEntry] => [`${folder}/file-${index}`, file]),
    ),
  );

describe('S20 what is said before a folder is read', () => {
  test.each([
    ['/', /^\/ is the root of this machine/],
    ['/home/ann', /^\/home\/ann is your home folder/],
  ])('%s', (folder, words) => {
    expect(warnOfFolder(folder, '/home/ann')).toMatch(words);
  });

  test.each(['/home/ann/project', '/home', '/srv'])('nothing for %s', (folder) => {
    expect(warnOfFolder(folder, '/home/ann')).toBeUndefined();
  });
});

describe('S20 what is said before many entries are copied', () => {
  test('how many there are, where, and the line that leaves them out', () => {
    const words = warnOfSize(treeOf({ src: 10, node_modules: 90_000, 'var/cache/app': 12_000 }), '/home/ann/project');
    expect(words).toBe(
      '/home/ann/project has 102,010 entries, which takes long to read and to copy. Most are in node_modules (90,000), ' +
        'var/cache/app (12,000). What is not needed there: ' +
        '`excludePaths: ["/node_modules/", "/var/cache/app/"]`.',
    );
  });

  test('nothing below a hundred thousand', () => {
    expect(warnOfSize(treeOf({ src: 99_999 }), 'x')).toBeUndefined();
  });

  test('many files in the folder itself name no other', () => {
    const flat = new Map(Array.from({ length: 100_000 }, (_, index): [string, TreeEntry] => [`file-${index}`, file]));
    expect(warnOfSize(flat, 'x')).toBe('x has 100,000 entries, which takes long to read and to copy.');
  });
});

test('a folder stands for its part that holds nearly all', () => {
  expect(selectBiggest(treeOf({ 'a/b/c': 90, 'a/d': 10, e: 5 }))).toEqual([
    { folder: 'a/b/c', count: 90 },
    { folder: 'e', count: 5 },
  ]);
  expect(selectBiggest(treeOf({ 'a/b': 50, 'a/c': 50 }))).toEqual([{ folder: 'a', count: 100 }]);
});
