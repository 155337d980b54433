import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startCli } from '../helpers/run-cli.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** A project whose only work is this hook. */
function withHook(hook: object) {
  const cwd = tempFolder();
  const config = { version: 'v2beta1', name: 'app', hooks: [{ events: ['buildCommand:before:execute'], ...hook }] };
  writeFiles(cwd, { 'devspace.yaml': JSON.stringify(config) });
  const start = () => startCli(['build'], { cwd, env: { TMPDIR: cwd } });
  const read = (name: string) => readFileSync(path.join(cwd, name), 'utf8').trim();
  const has = (name: string) => existsSync(path.join(cwd, name));
  /** What it has left in the project besides what the hook itself writes. */
  const left = () =>
    readdirSync(cwd).filter((name) => !['devspace.yaml', 'pid', 'peak', '.devspace', 'home'].includes(name));
  return { start, read, has, left };
}

const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`);
/** Written by the hook: the most memory that its parent, our program, has held so far. */
const peakOfParent = 'grep VmHWM /proc/$PPID/status >peak';
const peakMb = (text: string): number => Number(/(\d+) kB/.exec(text)?.[1]) / 1024;

describe('C03', () => {
  test.each([
    ['a program', { command: 'nowhere', args: [] }, 'COMMAND_START', 'The program nowhere is not installed'],
    ['a shell command', { command: 'nowhere --now' }, 'HOOK_FAILED', 'exit code 127'],
  ])('a hook that is not found: %s', async (_name, hook, errorCode, words) => {
    const { start, left } = withHook(hook);
    const { code, stdout, stderr } = await start().result;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/Hook nowhere.* \(buildCommand:before:execute\)/);
    expect(stderr).toContain(words);
    expect(stderr).toContain(`[${errorCode}]`);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(left()).toEqual([]);
  });

  test('a hook that ends with 3', async () => {
    const { start, left } = withHook({ name: 'check', command: 'echo told; exit 3' });
    const { code, stdout, stderr } = await start().result;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/told\n[^]*Hook check \(buildCommand:before:execute\) failed: exit code 3 \[HOOK_FAILED\]/);
    expect(left()).toEqual([]);
  });

  test.each([
    ['that hangs', 'echo $$ >pid; exec sleep 600'],
    ['that hangs and will not be told', "trap '' INT TERM; echo $$ >pid; while :; do sleep 1; done"],
  ])('a hook %s ends with Ctrl-C', async (_name, command) => {
    const { start, read, has, left } = withHook({ command });
    const { child, result } = start();
    await waitFor(() => expect(has('pid') && read('pid')).toMatch(/^\d+$/));
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130, stdout: '' });
    await waitFor(() => expect(isAlive(read('pid'))).toBe(false));
    expect(left()).toEqual([]);
  });

  test.each([false, true])('a hook that leaves something running ends nevertheless, silent: %s', async (silent) => {
    const { start, read } = withHook({ silent, command: 'sleep 600 & echo $! >pid' });
    const { child } = start();
    try {
      await waitFor(() => expect(child.exitCode).toBe(0));
    } finally {
      process.kill(Number(read('pid')));
    }
  });

  const print = `head -c 100000000 /dev/zero | tr '\\0' x | fold -w 999; ${peakOfParent}; echo; echo the end`;

  test('a hook that prints 100 MB is shown whole', async () => {
    const { start, read } = withHook({ command: print });
    const { child } = start();
    let bytes = 0;
    child.stderr?.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await waitFor(() => expect(child.exitCode).toBe(0));
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(peakMb(read('peak'))).toBeLessThan(250);
  });

  test('of a silent hook that prints 100 MB and fails only the end is kept and shown', async () => {
    const { start, read } = withHook({ silent: true, command: `${print}; exit 1` });
    const { code, stderr } = await start().result;
    expect(code).toBe(1);
    expect(stderr).toMatch(/xxx\n+the end\n[^]*exit code 1 \[HOOK_FAILED\]/);
    expect(stderr.length).toBeLessThan(100_000);
    expect(peakMb(read('peak'))).toBeLessThan(250);
  });

  test('a hook that ends its parent ends with it', async () => {
    const { start, read, left } = withHook({ command: 'echo $$ >pid; kill -TERM $PPID; exec sleep 600' });
    expect(await start().result).toMatchObject({ code: 143, stdout: '' });
    await waitFor(() => expect(isAlive(read('pid'))).toBe(false));
    expect(left()).toEqual([]);
  });

  test('a hook that kills its parent spoils nothing for the next run', async () => {
    const { start, has, left } = withHook({ command: '[ -e pid ] || { echo >pid; kill -KILL $PPID; }' });
    expect((await start().result).code).toBeNull();
    expect(has('pid')).toBe(true);
    expect(await start().result).toMatchObject({ code: 0 });
    expect(left()).toEqual([]);
  });
});
