import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createSyncLog } from '../../../src/sync/sync-log.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { bothAre, startBench } from '../../helpers/sync-bench.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

test('few paths are named, many are counted; the file has all of them with the time', () => {
  const [log, file] = [recordingLog(), path.join(tempFolder(), 'logs', 'sync.log')];
  const { paths, warn } = createSyncLog(log, { file, detail: 'short' });
  paths('Uploaded', ['a', 'b', 'c']);
  paths('Deleted', ['1', '2', '3', '4'], 'here');
  warn('two\nlines');
  expect(log.lines).toEqual(['info Uploaded a, b, c', 'info Deleted 4 paths here', 'warn two\nlines']);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''))).toEqual([
    'info Uploaded a, b, c',
    'info Deleted 1, 2, 3, 4 here',
    'warn two\\nlines',
  ]);
});

test('a long file is put aside', () => {
  const file = path.join(tempFolder(), 'sync.log');
  writeFileSync(file, Buffer.alloc(5 * 1024 * 1024, 'x'));
  createSyncLog(recordingLog(), { file, detail: 'short' }).info('new');
  expect(statSync(`${file}.1`).size).toBe(5 * 1024 * 1024);
  expect(readFileSync(file, 'utf8')).toMatch(/info new\n$/);
});

test('a file that cannot be written ends nothing', () => {
  const folder = tempFolder();
  writeFileSync(path.join(folder, 'logs'), 'no folder');
  const log = recordingLog();
  createSyncLog(log, { file: path.join(folder, 'logs', 'sync.log'), detail: 'short' }).info('goes on');
  expect(log.lines).toEqual(['info goes on']);
  expect(existsSync(path.join(folder, 'logs', 'sync.log'))).toBe(false);
});

test('printLogs names every path', async () => {
  const files = { a: '1', b: '2', c: '3', d: '4', e: '5' };
  const bench = await startBench(({ local }) => writeFiles(local, files), { config: { printsLog: true } });
  await bench.handle.ready;
  await bothAre(bench, files);
  expect(bench.log.lines).toContain('info sync: Uploaded a, b, c, d, e');
});
