import { describe, expect, test } from 'vitest';
import { createExcludes, prunableNames } from '../../../src/sync/excludes.ts';

/**
 * Lines of an ignore file, what `git check-ignore` of git 2.39 says is ignored by them, and what is not. A name with
 * `/` at its end is a folder.
 */
const table: readonly (readonly [patterns: string[], ignored: string[], kept: string[]])[] = [
  [['*.log'], ['a.log', 'd/a.log', 'd/e/.log'], ['a.logs']],
  [['node_modules/'], ['node_modules/', 'd/node_modules/', 'd/node_modules/x.js'], ['node_modules']],
  [['node_modules'], ['node_modules/', 'node_modules', 'd/node_modules/x.js'], ['my_node_modules']],
  [['/build'], ['build', 'build/'], ['d/build']],
  [['/build/'], ['build/'], ['build', 'd/build/']],
  [['build/'], ['build/a', 'd/build/a'], ['build']],
  [['Build'], ['Build'], ['build']],
  [['*.LOG'], ['a.LOG'], ['a.log']],
  [['a/b'], ['a/b', 'a/b/c'], ['x/a/b']],
  [['a/*'], ['a/b', 'a/b/c'], ['x/a/b']],
  [['a/**'], ['a/b', 'a/b/c'], ['a']],
  [['a/**/b'], ['a/b', 'a/x/b', 'a/x/y/b'], ['b']],
  [['**/a'], ['a', 'x/a', 'x/y/a'], ['ba']],
  [['**/a/b'], ['a/b', 'x/a/b'], ['x/a/c']],
  [['**'], ['a', 'a/b'], []],
  [['*'], ['a', '.a', 'a/b'], []],
  [['*', '!*.ts'], ['a.js', 'd/a.ts'], ['a.ts']],
  [
    ['*', '!*/', '!*.ts'],
    ['a.js', 'd/a.js'],
    ['a.ts', 'd/', 'd/a.ts'],
  ],
  [['*.txt', '!keep.txt'], ['a.txt'], ['keep.txt', 'd/keep.txt']],
  [['d/', '!d/keep'], ['d/keep', 'd/x'], []],
  [['d/*', '!d/keep'], ['d/x'], ['d/keep']],
  [['!a'], [], ['a']],
  [['# comment', 'a'], ['a'], ['# comment']],
  [['\\#a'], ['#a'], ['a']],
  [['\\!a'], ['!a'], ['a']],
  [['', 'a'], ['a'], ['b']],
  [['a '], ['a'], ['a ']],
  [['a\\ '], ['a '], ['a']],
  [[' a'], [' a'], ['a']],
  [['?'], ['a', 'd/a'], ['ab']],
  [['a?c'], ['abc'], ['ac', 'a/c']],
  [['[ab]'], ['a', 'b'], ['c']],
  [['[!ab]'], ['c'], ['a']],
  [['[^ab]'], ['c'], ['a']],
  [['[a-c]x'], ['bx'], ['dx']],
  [['[]]'], [']'], ['a']],
  [['[a'], [], ['[a', 'a']],
  [['a\\*'], ['a*'], ['ab']],
  [['a\\?'], ['a?'], ['ab']],
  [['*.o', '/d/'], ['x.o', 'd/a'], ['e/d/a']],
  [['.*'], ['.env', 'd/.env', '.git2/x'], ['a']],
  [['.env*'], ['.env', '.env.local'], ['x.env']],
  [['*~'], ['a~'], ['a']],
  [['/*'], ['a', 'd/a', 'd/'], []],
  [['/*', '!/src'], ['a'], ['src/', 'src/a']],
  [['foo/*.js'], ['foo/a.js'], ['foo/b/a.js', 'bar/foo/a.js']],
  [['**/foo/*.js'], ['foo/a.js', 'x/foo/a.js'], []],
  [['foo**bar'], ['fooxbar', 'foobar'], ['foo/bar']],
  [['foo/**bar'], ['foo/xbar'], ['foo/x/bar']],
  [['a/'], ['a/', 'x/a/y'], ['a']],
  [['a//'], [], ['a/']],
  [['a/b/'], ['a/b/'], ['a/b', 'x/a/b/']],
  [['*/a'], ['x/a'], ['a', 'x/y/a']],
  [['**/'], ['d/', 'd/a'], ['a']],
  [
    ['a+b', '(x)', 'x|y', '$a', '^b'],
    ['a+b', '(x)', 'x|y', '$a', '^b'],
    ['aab', 'x', 'b'],
  ],
  [['{a,b}'], ['{a,b}'], ['a']],
  [['a.b'], ['a.b'], ['axb']],
  [['ünï'], ['ünï'], ['uni']],
  [
    ['dist', 'coverage/', '*.tmp', '!important.tmp'],
    ['dist/a', 'coverage/a', 'x.tmp'],
    ['coverage', 'important.tmp', 'd/important.tmp'],
  ],
  [['a\r'], ['a'], []],
  [['*.py[co]'], ['a.pyc', 'a.pyo'], ['a.py', 'a.pyd']],
  [['*.sw[a-p]'], ['.a.swp'], ['a.swz']],
  [['docs/**/*.md'], ['docs/a.md', 'docs/x/a.md'], ['a.md', 'docs/a.txt']],
  [['/a/**/'], ['a/b/', 'a/b/c'], ['a', 'a/', 'a/b']],
  [['!/a', 'a'], ['a', 'd/a'], []],
  [['a/../b'], [], ['b']],
  [['./a'], [], ['a']],
  [['\\a'], ['a'], []],
  [['a\\/b'], ['a/b'], []],
];

describe('S18 patterns mean what they mean to git', () => {
  test.each(table)('%j', (patterns, ignored, kept) => {
    const isExcluded = createExcludes(patterns);
    const excluded = [...ignored, ...kept].filter((name) =>
      name.endsWith('/') ? isExcluded(name.slice(0, -1), 'directory') : isExcluded(name, 'file'),
    );
    expect(excluded).toEqual(ignored);
  });
});

test('a pattern for folders does not fit a link', () => {
  expect(createExcludes(['node_modules/'])('node_modules', 'symlink')).toBe(false);
});

test('our own things are excluded whatever the patterns say', () => {
  const isExcluded = createExcludes(['!.devspace', '!.devspace/**', '!*']);
  expect(isExcluded('.devspace', 'directory')).toBe(true);
  expect(isExcluded('.devspace/logs/dev.log', 'file')).toBe(true);
  expect(isExcluded('.devspace-sync.123/x', 'file')).toBe(true);
  expect(isExcluded('d/.devspace-sync.9.tmp', 'file')).toBe(true);
  expect(isExcluded('my.devspace', 'file')).toBe(false);
});

describe('prunableNames', () => {
  test('takes plain names of folders', () => {
    expect(prunableNames(['node_modules/', 'dist', '.git/', '/root-only', 'a/b', '*.log', 'with space', '-x'])).toEqual(
      expect.arrayContaining(['node_modules', 'dist', '.git']),
    );
  });

  test.each(['/root-only', 'a/b', '*.log', 'with space', '[ab]', '# comment', ''])('does not take %j', (pattern) => {
    expect(prunableNames([pattern])).toEqual([]);
  });

  test('takes nothing if something is included again', () => {
    expect(prunableNames(['node_modules/', '!node_modules/mine'])).toEqual([]);
  });
});
