import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { UploadHook } from '../../../src/config/types.ts';
import { restartHelper } from '../../../src/core/restart-helper.ts';
import { runUploadHooks } from '../../../src/sync/upload-hooks.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { localContainer } from '../../helpers/local-container.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { eventually } from '../../helpers/sync-bench.ts';
import { syncConfigOf } from '../../helpers/sync-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const hook = (command: string, more: Partial<UploadHook> = {}): UploadHook => ({
  command,
  where: 'container',
  onChange: [],
  failOnError: false,
  once: false,
  ...more,
});

/** Hooks of a folder that is both sides, and what they wrote into `said`. */
function hooks(onUpload: readonly UploadHook[], restartsContainer = false) {
  const folder = tempFolder();
  const log = recordingLog();
  const run = {
    config: syncConfigOf(folder, folder, { onUpload, restartsContainer }),
    container: { namespace: 'dev', pod: 'app-1', container: 'app' },
    kube: localContainer({ cwd: folder }).kube,
    log,
    env: { ...process.env, WORD: 'here' },
    signal: new AbortController().signal,
  };
  return {
    log,
    folder,
    uploaded: (...names: string[]) => runUploadHooks(names, run),
    said: () => readFileSync(path.join(folder, 'said'), 'utf8'),
  };
}

test('commands run in order, here and there, as lines for the shell and as words', async () => {
  const words = ['-c', 'echo "$1" >>said', 'sh', 'a b'];
  const { uploaded, said } = hooks([
    hook('echo one >>said'),
    hook('echo $WORD >>said', { where: 'local' }),
    hook('sh', { args: words }),
    hook('sh', { args: words, where: 'local' }),
  ]);
  await uploaded('x');
  expect(said()).toBe('one\nhere\na b\na b\n');
});

test('a pattern says for which paths a command is meant', async () => {
  const { uploaded, said } = hooks([hook('echo ran >>said', { onChange: ['./package.json', 'src/**/*.ts'] })]);
  await uploaded('lib/package.json', 'src/a.js');
  expect(said).toThrow('ENOENT');
  await uploaded('package.json');
  await uploaded('src/deep/a.ts');
  expect(said()).toBe('ran\nran\n');
});

test('once means once in the life of the container', async () => {
  const line = `echo once >>said # ${Math.random()}`;
  const { uploaded, said } = hooks([hook(line, { once: true })]);
  await uploaded('x');
  await uploaded('x');
  expect(said()).toBe('once\n');
});

test('a command for each file, or each folder, gets its absolute path in the place of {}', async () => {
  const { uploaded, said, folder } = hooks([
    hook('sh', { args: ['-c', 'echo "file $1" >>said', 'sh', '<{}>'], each: 'file' }),
    hook('echo folder {} >>said', { each: 'folder' }),
  ]);
  const names = ['d', "d/it's", 'd/$(x)', '-rf'];
  mkdirSync(path.join(folder, 'd'));
  for (const name of names.slice(1)) writeFileSync(path.join(folder, name), '');
  await uploaded(...names);
  const files = names.slice(1).map((name) => `file <${folder}/${name}>\n`);
  expect(said()).toBe(`${files.join('')}folder ${folder}/d\n`);
});

test('a command for each file ends with the first one that fails', async () => {
  const { uploaded, said } = hooks([
    hook('echo {} >>said; case {} in */b) exit 7; esac', { each: 'file', failOnError: true }),
  ]);
  const error = await errorOf(uploaded('a', 'b', 'c'));
  expect(error).toMatchObject({ code: 'SYNC_HOOK', message: expect.stringContaining('exit code 7') });
  expect(
    said()
      .split('\n')
      .map((line) => path.basename(line)),
  ).toEqual(['a', 'b', '']);
});

test('a failure is told and the next command runs; where the entry says so it ends the synchronisation', async () => {
  const lenient = hooks([hook('echo oh no; exit 3', { name: 'install' }), hook('echo next >>said')]);
  await lenient.uploaded('x');
  expect(lenient.log.lines[0]).toBe('warn The command after an upload failed: install: exit code 3: oh no');
  expect(lenient.said()).toBe('next\n');

  const strict = hooks([hook('exit 4', { failOnError: true }), hook('echo next >>said')]);
  expect(await errorOf(strict.uploaded('x'))).toMatchObject({ code: 'SYNC_HOOK' });
  expect(strict.said).toThrow('ENOENT');

  const missing = hooks([hook('no-such-program', { args: [], where: 'local' })]);
  await missing.uploaded('x');
  expect(missing.log.lines.join()).toContain('no-such-program');
});

test('a container without a restart helper is told about once', async () => {
  const { uploaded, log } = hooks([], true);
  await uploaded('x');
  await uploaded('x');
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toMatch(/^warn Container app has no restart helper.*injectRestartHelper: true/);
});

test('the program is started anew after the commands', async () => {
  const { uploaded, log, folder, said } = hooks([hook('echo installed >>said')], true);
  const [command = '', ...words] = [...restartHelper, 'sh', '-c', 'echo starts >>said; sleep 100'];
  const helper = spawn(command, words, { cwd: folder, stdio: 'ignore' });
  onTestFinished(() => void helper.kill('SIGTERM'));
  await eventually(() => expect(existsSync(path.join(folder, 'said'))).toBe(true));
  await uploaded('x');
  await eventually(() => expect(said()).toBe('starts\ninstalled\nstarts\n'));
  expect(log.lines).toContain('info Restarted the program of container app');
});
