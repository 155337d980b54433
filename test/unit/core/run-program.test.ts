import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../../src/core/run-program.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const shell = (
  script: string,
  more: { readonly stdin?: string; readonly graceMs?: number; signal?: AbortSignal } = {},
) =>
  runProgram({
    program: 'sh',
    args: ['-c', script],
    cwd: '/',
    env: process.env,
    signal: more.signal ?? new AbortController().signal,
    ...more,
  });

test('what it reads and what it prints', async () => {
  expect(await shell('cat; echo wrong >&2; exit 3', { stdin: 'given' })).toEqual({
    stdout: 'given',
    stderr: 'wrong\n',
    exitCode: 3,
  });
  expect(await shell('cat')).toMatchObject({ stdout: '', exitCode: 0 });
  expect(await shell('exit 0', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test('an abort lets it clean up, and rejects only when it has ended', async () => {
  const folder = tempFolder();
  const mark = (name: string) => path.join(folder, name);
  const stop = new AbortController();
  const script = `trap 'touch ${mark('cleaned')}; exit 1' TERM; touch ${mark('ready')}; while :; do sleep 0.05; done`;
  const running = errorOf(shell(script, { signal: stop.signal }));
  await waitFor(() => expect(existsSync(mark('ready'))).toBe(true));
  stop.abort();
  expect(await running).toMatchObject({ name: 'CancelledError' });
  expect(existsSync(mark('cleaned'))).toBe(true);
});

test('what does not end is killed', async () => {
  const folder = tempFolder();
  const ready = path.join(folder, 'ready');
  const stop = new AbortController();
  const running = errorOf(
    shell(`trap '' TERM; touch ${ready}; while :; do sleep 0.05; done`, { signal: stop.signal, graceMs: 50 }),
  );
  await waitFor(() => expect(existsSync(ready)).toBe(true));
  stop.abort();
  expect(await running).toMatchObject({ name: 'CancelledError' });
});
