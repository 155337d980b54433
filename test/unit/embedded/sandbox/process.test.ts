import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeFolder } from '../../../../src/embedded/sandbox/remove-folder.ts';
import { until } from '../../../helpers/sandbox-bench.ts';
import type { StoryResult } from '../../../helpers/sandbox-story.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let story: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sandbox-process-'));
  chmodSync(folder, 0o755);
  story = path.join(folder, 'story.cjs');
  const input = path.resolve(import.meta.dirname, '../../../helpers/sandbox-story.ts');
  const bundle = await rolldown({ input, platform: 'node', external: ['cpu-features', /\.node$/], logLevel: 'silent' });
  await bundle.write({ file: story, format: 'cjs', codeSplitting: false });
  await bundle.close();
}, 60_000);
afterAll(() => removeFolder(folder));

/** A folder that the user with this id may write. */
function folderOf(name: string, uid: number): string {
  const made = path.join(folder, name);
  mkdirSync(made);
  if (isRoot) chownSync(made, uid, uid);
  return made;
}

describe('the whole story in a process of its own', () => {
  const nobody = 65534;
  test.each(isRoot ? [0, nobody] : [process.getuid?.() ?? 0])('as user %i', { timeout: 60_000 }, async (uid) => {
    const state = folderOf(`run-${uid}`, uid);
    const env = { PATH: process.env.PATH, HOME: state };
    const account = isRoot ? { uid, gid: uid } : {};
    const { stdout } = await promisify(execFile)(process.execPath, [story, 'run', state], {
      env,
      ...account,
      cwd: state,
    });
    expect(JSON.parse(stdout) as StoryResult).toEqual({
      missing: [],
      page: 'from story',
      who: { stdout: '1000\n/usr/local/bin/tool\n\n/srv:\nmade\nserver.js\n', stderr: '', exitCode: 0 },
      uid,
    });
    expect(readdirSync(path.join(state, 'pods'))).toEqual([]);
    expect(processesIn(state)).toEqual([]);
  });
});

test('when our process is killed, every process of its pods ends', { timeout: 30_000 }, async () => {
  const state = folderOf('stay', 0);
  const child = spawn(process.execPath, [story, 'stay', state], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
  const pid = Number(line);
  const spaces = readlinkSync(`/proc/${pid}/ns/ipc`);
  expect(processesWith(spaces).length).toBeGreaterThan(2);
  child.kill('SIGKILL');
  await until(() => processesWith(spaces).length === 0 && !existsSync(`/proc/${pid}`));
  await until(() => processesIn(state).length === 0);
});

function processesWith(spaces: string): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/ns/ipc`) === spaces);
}

/** Processes that have the folder in their arguments: helpers of ours. */
function processesIn(state: string): string[] {
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/cwd`).startsWith(`${state}/`),
  );
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
