import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { toFile } from '../../../src/build/context.ts';
import { openFileDigests } from '../../../src/build/file-digests.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function bench() {
  const [root, cache] = [tempFolder(), tempFolder()];
  const env = { XDG_CACHE_HOME: cache };
  /** The digests of these files; of nothing else if the text was forged in the cache. */
  const digests = (...names: string[]): string[] => {
    const known = openFileDigests(root, env);
    const found = names.map((name) => {
      const file = toFile(root, name);
      if (!file) throw new Error('no file');
      return known.of(file).toString('hex');
    });
    known.save();
    return found;
  };
  const folder = path.join(cache, 'devspace', 'contexts');
  const cacheFile = () => path.join(folder, readdirSync(folder)[0] ?? '');
  return { root, digests, cacheFile };
}

test('a file that did not change is not read again, one that changed is, also with the same size and time', async () => {
  const { root, digests, cacheFile } = bench();
  writeFiles(root, { a: 'one', b: 'other' });
  await sleep(2_100);
  expect(digests('a', 'b')).toEqual([sha256('one'), sha256('other')]);
  // what the cache says shows that it is asked
  const text = readFileSync(cacheFile(), 'utf8');
  writeFileSync(cacheFile(), text.replace(sha256('other'), sha256('forged')));
  expect(digests('a', 'b')).toEqual([sha256('one'), sha256('forged')]);

  const { atime, mtime } = statSync(path.join(root, 'a'));
  writeFileSync(path.join(root, 'a'), 'two');
  utimesSync(path.join(root, 'a'), atime, mtime);
  expect(digests('a')).toEqual([sha256('two')]);
  expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
});

test('a file that changed a moment ago is not trusted', () => {
  const { root, digests, cacheFile } = bench();
  writeFiles(root, { a: 'one' });
  expect(digests('a')).toEqual([sha256('one')]);
  expect(cacheFile).toThrow('ENOENT');
});

test('what is gone is forgotten, and a damaged cache is as good as none', async () => {
  const { root, digests, cacheFile } = bench();
  writeFiles(root, { a: 'one', gone: 'x' });
  await sleep(2_100);
  digests('a', 'gone');
  rmSync(path.join(root, 'gone'));
  digests('a');
  expect(readFileSync(cacheFile(), 'utf8')).not.toContain('gone');
  for (const damage of ['{', '[]', '{"version":99,"files":{"a":["",""]}}', '']) {
    writeFileSync(cacheFile(), damage);
    expect(digests('a')).toEqual([sha256('one')]);
  }
});
