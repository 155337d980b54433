import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { freePort, makeProject } from './support/project.ts';

const namespace = useNamespace();
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const flags = ['-n', namespace.name];

async function startPod(name: string, container: object): Promise<void> {
  const containers = [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', ...container }];
  const spec = { terminationGracePeriodSeconds: 0, restartPolicy: 'Never', containers };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
  await waitFor(() => namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal }));
  await waitFor(async () => expect((await namespace.pods(`app=${name}`))[0]?.status?.phase).toBe('Running'), 60);
}

/** Runs a command until the test ends. */
function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, ...args, ...flags], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return { child, text, ended };
}

test('attach passes input to the main process, and shows what it prints', async () => {
  await startPod('reads', { stdin: true, command: ['sh', '-c', 'read -r word; echo "got $word"'] });
  const stdin = 'hello\n';
  const attached = await devspace(['attach', ...flags, '-l', 'app=reads'], { cwd: tmpdir(), stdin });
  expect(attached).toMatchObject({ code: 0, stdout: 'got hello\n' });
});

test('attach on a terminal is left by ~. and the process goes on', async () => {
  await startPod('tty', { stdin: true, tty: true, command: ['sh'] });
  const screen = devspaceOnTerminal(['attach', ...flags, '-l', 'app=tty'], { cwd: tmpdir() });
  onTestFinished(() => screen.pty.kill());
  await screen.waitFor(/leaves it/);
  screen.type('echo $((40+2))\r');
  await screen.waitFor(/\n42\r/);
  screen.type('\r');
  screen.type('~');
  screen.type('.');
  expect((await screen.exited).exitCode).toBe(0);
  expect((await namespace.pods('app=tty'))[0]?.status?.phase).toBe('Running');
});

test('without a terminal dev shows the logs, and opens the page when it answers; open does so, too', async () => {
  const project = await makeProject('open');
  const config = readFileSync(path.join(project.folder, 'devspace.yaml'), 'utf8');
  const page = `http://localhost:${project.port}/`;
  const entrypoint = '[sh, -c, "echo begun; exec node server.js"]';
  project.write('devspace.yaml', config.replace('[sleep, "9999999"]', entrypoint));
  const dev = start(project.folder, ['dev']);
  await waitFor(() => expect(dev.text.stdout).toMatch(/^app-\S+ begun\napp-\S+ Listening on port 3000\n/), 120);
  const running = await devspace(['open', page, '--no-browser', ...flags], { cwd: project.folder });
  expect(running).toMatchObject({ code: 0, stdout: `${page}\n` });
  dev.child.kill('SIGINT');
  expect(await dev.ended).toBe(130);

  const seen = path.join(project.folder, 'seen');
  project.write('browser', `#!/bin/sh\nprintf %s "$1" >'${seen}'\n`);
  chmodSync(path.join(project.folder, 'browser'), 0o755);
  const alone = start(project.folder, ['open'], { BROWSER: `${project.folder}/browser` });
  await waitFor(() => expect(alone.text.stdout).toBe(`http://localhost:${project.port}\n`), 60);
  await waitFor(() => expect(readFileSync(seen, 'utf8')).toBe(`http://localhost:${project.port}`));
  alone.child.kill('SIGINT');
  expect(await alone.ended).toBe(130);
});

test('open says what is wrong', async () => {
  const project = await makeProject('silent');
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await devspace(['open', ...flags, ...args], { cwd: project.folder });
    return `${code} ${stderr}`;
  };
  expect(await wrong(`http://127.0.0.1:${await freePort()}/`, '--timeout', '0')).toMatch(
    /^1 .*did not answer within 0 seconds: nothing listens there\. \[PAGE_SILENT\]/,
  );
  expect(await wrong('page')).toMatch(/^2 .*page is no address of a page\./);
});
