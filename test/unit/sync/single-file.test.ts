import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { toFolderEntry } from '../../../src/sync/single-file.ts';
import { thrownBy } from '../../helpers/error-of.ts';
import { eventually, startBench, treeOf, warnings } from '../../helpers/sync-bench.ts';
import { syncConfigOf } from '../../helpers/sync-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('an entry for one file', () => {
  test.each(['app.conf', '-rf', '[a] !*.txt', '#x y'])('goes both ways and leaves the rest alone: %s', async (name) => {
    const bench = await startBench(
      ({ local, remote }) => {
        writeFileSync(path.join(local, name), '1');
        writeFileSync(path.join(local, 'other'), 'here');
        mkdirSync(path.join(local, 'deep', name), { recursive: true });
        writeFileSync(path.join(remote, 'more'), 'there');
        mkdirSync(path.join(remote, 'sub'));
        writeFileSync(path.join(remote, 'sub', name), 'there');
      },
      { only: name },
    );
    await bench.handle.ready;
    const rest = { more: 'there', 'sub/': '', [`sub/${name}`]: 'there' };
    expect(treeOf(bench.remote)).toEqual({ ...rest, [name]: '1' });
    writeFileSync(path.join(bench.local, name), 'edited here');
    await eventually(() => expect(treeOf(bench.remote)[name]).toBe('edited here'));
    writeFileSync(path.join(bench.remote, name), 'edited there');
    await eventually(() => expect(treeOf(bench.local)[name]).toBe('edited there'));
    rmSync(path.join(bench.remote, name));
    await eventually(() => expect(Object.keys(treeOf(bench.local))).not.toContain(name));
    expect(treeOf(bench.remote)).toEqual(rest);
    expect(Object.keys(treeOf(bench.local)).sort()).toEqual(['deep/', `deep/${name}/`, 'other'].sort());
    expect(warnings(bench)).toEqual([]);
  });

  test('is meant by a local path that is a file, also without a word', () => {
    const file = path.join(tempFolder(), 'app.conf');
    writeFileSync(file, '');
    const entry = toFolderEntry(syncConfigOf(file, '/etc/app/app.conf'));
    expect(entry).toMatchObject({ localPath: path.dirname(file), containerPath: '/etc/app', only: 'app.conf' });
    const folder = syncConfigOf(path.dirname(file), '/etc/app');
    expect(toFolderEntry(folder)).toBe(folder);
  });

  test('may be about a file that only the container has', () => {
    const file = path.join(tempFolder(), 'app.conf');
    expect(toFolderEntry(syncConfigOf(file, 'app.conf', { file: true }))).toMatchObject({ containerPath: '.' });
  });

  test('has one name on both sides, and is no folder', () => {
    const folder = tempFolder();
    const problem = (containerPath: string, local = folder) =>
      thrownBy(() => toFolderEntry(syncConfigOf(local, containerPath, { file: true })));
    expect(problem(`/app/${path.basename(folder)}`)).toMatchObject({ code: 'SYNC_PATH' });
    expect(problem('/app/b', path.join(folder, 'a'))).toMatchObject({
      code: 'SYNC_PATH',
      hint: 'Both must be called a, as in `path: ./a:/etc/app/a`.',
    });
  });
});
