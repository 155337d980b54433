import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { explainPath } from '../../../src/sync/explain.ts';
import { readSyncStatus } from '../../../src/sync/status.ts';
import { eventually, startBench } from '../../helpers/sync-bench.ts';
import { syncConfigOf } from '../../helpers/sync-config.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

test('the rule that decides about a path, for each direction', () => {
  const local = tempFolder();
  writeFiles(local, { 'src/a.js': 'a', '.syncignore': 'dist/\n' });
  symlinkSync('/etc', path.join(local, 'out'));
  const config = syncConfigOf(local, '/app', {
    excludePaths: ['*.log', '!keep.log'],
    excludeFile: '.syncignore',
    uploadExcludePaths: ['up'],
    downloadExcludePaths: ['down'],
  });
  const verdicts = (name: string) => {
    const { upload, download } = explainPath(name, config, path.join(local, '.devspace/sync'));
    return [upload.isCarried, upload.because, download.isCarried, download.because];
  };
  const free = 'no pattern excludes it';
  expect(verdicts('./src/a.js')).toEqual([true, free, true, free]);
  expect(verdicts('x.log')).toEqual(Array(2).fill([false, 'the pattern *.log of excludePaths']).flat());
  expect(verdicts('keep.log')[0]).toBe(true);
  expect(verdicts('dist/')).toEqual(Array(2).fill([false, 'the pattern dist/ of excludeFile .syncignore']).flat());
  expect(verdicts('up')).toEqual([false, 'the pattern up of uploadExcludePaths', true, free]);
  expect(verdicts('down')).toEqual([true, free, false, 'the pattern down of downloadExcludePaths']);
  expect(verdicts('.devspace/state.json')[1]).toBe('it belongs to DevSpace itself');
  expect(verdicts('out')).toEqual([false, 'it is a link that leaves the folder', true, free]);
  expect(explainPath('src/a.js', { ...config, disableUpload: true }, local).upload.because).toBe(
    'disableUpload is set',
  );
});

test('what is known of a path, and the state of the entry', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { same: '1', edited: '1', gone: '1' }));
  const config = syncConfigOf(bench.local, bench.remote);
  const state = (name: string) => explainPath(name, config, bench.stateFolder).state;
  await bench.handle.ready;
  await eventually(() => expect(state('same')).toBe('it is as it was when both sides were equal last'));
  expect(readSyncStatus(bench.stateFolder)).toMatchObject([
    { localPath: bench.local, containerPath: bench.remote, pid: process.pid, paths: 3, conflicts: [] },
  ]);
  await bench.handle.close();
  writeFileSync(path.join(bench.local, 'edited'), 'more than one');
  rmSync(path.join(bench.local, 'gone'));
  writeFileSync(path.join(bench.local, 'new'), '1');
  expect(state('edited')).toBe('it was edited here since');
  expect(state('gone')).toBe('it was deleted here since both sides were equal last');
  expect(state('new')).toBe('it is here, and was not synchronised yet');
  expect(state('nowhere')).toBe('it is not here, and was not synchronised yet');
  expect(readSyncStatus(bench.stateFolder)).toMatchObject([{ pid: undefined, paths: 3 }]);
  expect(readSyncStatus(path.join(bench.local, 'no-such-folder'))).toEqual([]);
});
