import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSizeWarning, selectBiggest, warnOfFolder } from '../../../src/sync/size-warning.ts';
import type { Tree, TreeEntry } from '../../../src/sync/tree.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

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

  test('a home folder that is named with a slash, or through a link', () => {
    const folder = realpathSync(tempFolder());
    const [home, link] = [path.join(folder, 'ann'), path.join(folder, 'link')];
    mkdirSync(home);
    symlinkSync(home, link);
    for (const name of [`${home}/`, link]) expect(warnOfFolder(home, name)).toContain('is your home folder');
  });
});

/** What is said of a tree, which is looked at twice. */
function warnOfSize(tree: Tree, where: string): string | undefined {
  const said: string[] = [];
  const look = createSizeWarning(where, (words) => said.push(words));
  look(tree);
  look(tree);
  expect(said.length).toBeLessThan(2);
  return said[0];
}

describe('S20 what is said before many entries are copied', () => {
  test('how many there are, where, and the line that leaves them out', () => {
    const words = warnOfSize(treeOf({ src: 10, node_modules: 90_000, 'var/cache/app': 12_000 }), '/home/ann/project');
    expect(words).toBe(
      '/home/ann/project has 102,010 entries and more, which takes long to read and to copy. Most are in node_modules (90,000), ' +
        'var/cache/app (12,000). What is not needed there: ' +
        '`excludePaths: ["/node_modules/", "/var/cache/app/"]`.',
    );
  });

  test('nothing below a hundred thousand', () => {
    expect(warnOfSize(treeOf({ src: 99_999 }), 'x')).toBeUndefined();
  });

  test('many files in the folder itself name no other', () => {
    const flat = new Map(Array.from({ length: 100_000 }, (_, index): [string, TreeEntry] => [`file-${index}`, file]));
    expect(warnOfSize(flat, 'x')).toBe('x has 100,000 entries and more, which takes long to read and to copy.');
  });
});

test('a folder stands for its part that holds nearly all', () => {
  expect(selectBiggest(treeOf({ 'a/b/c': 90, 'a/d': 10, e: 5 }))).toEqual([
    { folder: 'a/b/c', count: 90 },
    { folder: 'e', count: 5 },
  ]);
  expect(selectBiggest(treeOf({ 'a/b': 50, 'a/c': 50 }))).toEqual([{ folder: 'a', count: 100 }]);
});
