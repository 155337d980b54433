import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspaceOnTerminal } from './support/devspace.ts';
import { useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('killed');
const { folder } = project;
const lock = path.join(folder, '.devspace/dev.lock');
const prompt = /[#$] (\u001b\[\S*)*$/;
const start = () => devspaceOnTerminal(['dev', '-n', namespace.name], { cwd: folder });

/** How long an undisturbed run takes from the start of the process to an open terminal. */
async function measureRun(): Promise<number> {
  const begin = Date.now();
  const screen = start();
  await screen.waitFor(prompt, 120);
  const ms = Date.now() - begin;
  screen.type('exit\r');
  await screen.exited;
  return ms;
}

/** Ten moments spread over a whole run and a little longer. */
const spread = (runMs: number): number[] =>
  Array.from({ length: 10 }, (_, index) => Math.round(((index + Math.random()) * runMs * 1.2) / 10));

test.each([
  ['SIGTERM', 143],
  ['SIGKILL', undefined],
] as const)(
  '%s at ten random moments leaves nothing that the next run stumbles over',
  { timeout: 400_000 },
  async (signal, code) => {
    for (const moment of spread(await measureRun())) {
      const screen = start();
      await new Promise((resolve) => setTimeout(resolve, moment));
      screen.pty.kill(signal);
      const ended = await screen.exited;
      // before Node.js has started nobody listens to the signal, and the system ends the process
      if (code !== undefined) expect([code, 0], `after ${moment} ms:\n${screen.shown()}`).toContain(ended.exitCode);
      if (code !== undefined && ended.exitCode === code) expect(existsSync(lock), `after ${moment} ms`).toBe(false);
    }
    const next = start();
    await next.waitFor(prompt, 120);
    next.type('echo still-$((40+2))\r');
    await next.waitFor(/still-42/);
    const [pod] = (await namespace.pods('app=app')).filter(({ metadata }) => !metadata.deletionTimestamp);
    const container = { namespace: namespace.name, pod: pod?.metadata.name ?? '', container: 'app' };
    next.type('exit\r');
    expect(await next.exited).toMatchObject({ exitCode: 0 });
    // what killed runs had in the container ends by itself
    await waitFor(async () => expect(await namespace.processes(container)).toEqual(['sleep 9999999']), 30);
    expect(existsSync(lock)).toBe(false);
  },
);
