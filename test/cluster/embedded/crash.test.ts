import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal, runToEnd } from '../support/devspace.ts';
import { makeProject } from '../support/project.ts';

/** A cluster of its own: this test kills it. */
const home = mkdtempSync(path.join(tmpdir(), 'ds-'));
const state = path.join(home, '.devspace/embedded');
const project = await makeProject('crash');
const { folder, port } = project;
const start = { cwd: folder, env: { HOME: home } };
const program = path.resolve(import.meta.dirname, '../../../bin/devspace.js');
const embedded = (command: string) => devspace(['embedded', command], start);

afterAll(async () => {
  await embedded('stop');
  // its files belong to users of its own namespace, so it is their owner who removes them
  await runToEnd('unshare', ['--user', '--map-root-user', 'rm', '-rf', home], { cwd: tmpdir() });
});

const config = readFileSync(path.join(folder, 'devspace.yaml'), 'utf8');
/** Told apart from the containers of others by how long it sleeps. */
const seconds = String(9_000_000 + (process.pid % 900_000));
const containers = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid) === `sleep\0${seconds}\0`);

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

project.write('devspace.yaml', config.replace('sleep, "9999999"', `sh, -c, "sleep ${seconds} & exec node server.js"`));
const page = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();

async function killServer(): Promise<void> {
  const { pid } = JSON.parse(readFileSync(path.join(state, 'server.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await waitFor(async () => expect(await embedded('status')).toMatchObject({ code: 1, stdout: 'stopped\n' }), 60);
  // every container ends with the server
  await waitFor(() => expect(containers()).toEqual([]), 60);
}

/** The shell's prompt. */
const prompt = /[#$] (\u001b\[\S*)*$/;

test('a terminal whose cluster is killed comes back with it, and so do ports and files; the next start cleans up', async () => {
  const dev = devspaceOnTerminal(['dev', '--embedded'], start);
  onTestFinished(() => dev.pty.kill());
  await dev.waitFor(prompt, 120);
  expect(containers()).toHaveLength(1);
  await killServer();
  await dev.waitFor(/The terminal in pod \S+ was lost.*reconnecting/);
  expect((await embedded('start')).code).toBe(0);
  // the pod runs again, and of its sandbox before the crash nothing is left
  await waitFor(() => expect(containers()).toHaveLength(1), 60);
  await waitFor(() => expect(readdirSync(path.join(state, 'pods'))).toHaveLength(1), 60);
  await dev.waitFor(/A new terminal in container app[^]*[#$] (\u001b\[\S*)*$/, 120);
  await waitFor(async () => expect(await page()).toBe('Hello from the cluster!\n'), 60);
  project.write('message.txt', 'Synchronised again\n');
  await waitFor(async () => expect(await page()).toBe('Synchronised again\n'), 30);
  project.write('message.txt', 'Hello from the cluster!\n');
  await waitFor(async () => expect(await page()).toBe('Hello from the cluster!\n'), 30);
  dev.type('exit 4\r');
  expect((await dev.exited).exitCode).toBe(4);
});

test('a run without a terminal goes on when the killed cluster was started again', async () => {
  const dev = spawn(process.execPath, [program, 'dev', '--embedded'], {
    cwd: folder,
    env: { ...process.env, ...start.env },
    stdio: 'ignore',
  });
  const ended = once(dev, 'close');
  onTestFinished(async () => {
    dev.kill();
    await ended;
  });
  await waitFor(async () => expect(await page()).toBe('Hello from the cluster!\n'), 120);
  await killServer();
  expect((await embedded('start')).code).toBe(0);
  await waitFor(async () => expect(await page()).toBe('Hello from the cluster!\n'), 120);
  project.write('message.txt', 'Hello after the crash!\n');
  await waitFor(async () => expect(await page()).toBe('Hello after the crash!\n'), 120);
});
