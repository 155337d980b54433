import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheFileOf, cacheFolderOf } from '../../../src/core/cache-file.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

test('keeps a document for each name, for the user alone', () => {
  const folder = path.join(tempFolder(), 'a', 'b');
  const [one, other] = [cacheFileOf(folder, 'one'), cacheFileOf(folder, 'other')];
  expect(one.read()).toBeUndefined();
  one.write({ a: 1 });
  other.write(['x']);
  expect([cacheFileOf(folder, 'one').read(), other.read()]).toEqual([{ a: 1 }, ['x']]);
  const files = readdirSync(folder);
  expect(files.map((file) => statSync(path.join(folder, file)).mode & 0o777)).toEqual([0o600, 0o600]);
  writeFileSync(path.join(folder, files[0] ?? ''), '{"a":');
  writeFileSync(path.join(folder, files[1] ?? ''), '');
  expect([one.read(), other.read()]).toEqual([undefined, undefined]);
});

test('a folder that cannot be made, since a part of its path is a file, is no mistake', () => {
  const file = path.join(tempFolder(), 'file');
  writeFileSync(file, '');
  const cache = cacheFileOf(path.join(file, 'contexts'), 'one');
  cache.write({});
  expect(cache.read()).toBeUndefined();
});

test('lies where the user wants caches to be', () => {
  expect(cacheFolderOf({ HOME: '/home/me' })).toBe('/home/me/.cache/devspace');
  expect(cacheFolderOf({ HOME: '/home/me', XDG_CACHE_HOME: '/caches' })).toBe('/caches/devspace');
});
