import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal, type Screen, useScreens } from './support/devspace.ts';
import { imageConfig } from './support/image-config.ts';
import { useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('dev');
const { folder } = project;
const flags = ['-n', namespace.name];
/** The shell's prompt: the terminal is open. */
const prompt = /[#$] (\u001b\[\S*)*$/;

const closing = useScreens();

async function openDev(): Promise<Screen> {
  const screen = closing(devspaceOnTerminal(['dev', ...flags], { cwd: folder }));
  await screen.waitFor(prompt, 120);
  return screen;
}

async function runningContainer() {
  const pods = (await namespace.pods('app=app')).filter(({ metadata }) => !metadata.deletionTimestamp);
  const [pod] = pods.sort((a, b) =>
    (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
  );
  if (!pod) throw new Error('no pod');
  return {
    namespace: namespace.name,
    pod: pod.metadata.name,
    container: 'app',
    image: pod.spec.containers[0]?.image ?? '',
  };
}

describe('devspace dev', () => {
  test('does the six steps, and its exit code is the one of the shell', async () => {
    const dockerfile = readFileSync(path.join(folder, 'Dockerfile'));
    const screen = await openDev();
    const container = await runningContainer();

    const override = await imageConfig(container.image);
    expect([...(override.Entrypoint ?? []), ...(override.Cmd ?? [])]).toEqual(['sleep', '9999999']);
    expect(readFileSync(path.join(folder, 'Dockerfile'))).toEqual(dockerfile);

    screen.type('stty size\r');
    await screen.waitFor(/30 100/);
    screen.pty.resize(90, 25);
    // the signal about the new size and the keys reach our process on different ways, in any order
    await waitFor(async () => {
      screen.type('stty size\r');
      await screen.waitFor(/25 90/, 1);
    });

    project.write('edited-here.txt', 'from here');
    await waitFor(async () => expect(await namespace.exec(container, 'cat', '/app/edited-here.txt')).toBe('from here'));
    screen.type("printf 'from there' > /app/edited-there.txt\r");
    await waitFor(() => expect(readFileSync(path.join(folder, 'edited-there.txt'), 'utf8')).toBe('from there'));

    screen.type('node server.js &\r');
    await screen.waitFor(/Listening on port 3000/);
    const response = await fetch(`http://127.0.0.1:${project.port}/`);
    expect(await response.text()).toBe('Hello from the cluster!\n');
    project.write('message.txt', 'Edited!\n');
    await waitFor(async () =>
      expect(await (await fetch(`http://127.0.0.1:${project.port}/`)).text()).toBe('Edited!\n'),
    );

    screen.type('sleep 1234\r');
    await waitFor(async () => expect(await namespace.processes(container)).toContain('sleep 1234'));
    screen.type('\u0003');
    await screen.waitFor(prompt);
    expect(await namespace.processes(container)).not.toContain('sleep 1234');

    screen.type('exit 3\r');
    expect(await screen.exited).toMatchObject({ exitCode: 3 });
    // the server that was started in the terminal is gone too, only the container's own process is left
    await waitFor(async () => expect(await namespace.processes(container)).toEqual(['sleep 9999999']));
    expect(existsSync(path.join(folder, '.devspace/dev.lock'))).toBe(false);
    await expect(fetch(`http://127.0.0.1:${project.port}/`)).rejects.toThrow();
  });

  test('a second one in the same project is told about the first', async () => {
    const screen = await openDev();
    const second = await devspace(['dev', ...flags], { cwd: folder });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/already runs in this project \(pid \d+, since \d{4}-\d\d-\d\d/);
    expect(second.stderr).toContain('devspace enter');
    screen.type('exit\r');
    expect(await screen.exited).toMatchObject({ exitCode: 0 });
  });

  test('enter opens further terminals, and works as a filter without one', async () => {
    const screen = await openDev();
    const further = devspaceOnTerminal(['enter', ...flags], { cwd: folder });
    await further.waitFor(prompt);
    further.type('exit 7\r');
    expect(await further.exited).toMatchObject({ exitCode: 7 });

    const input = Buffer.alloc(3_000_000, 'binary\0\u00ff');
    const filter = await devspace(['enter', ...flags, '--', 'sh', '-c', 'wc -c; echo words >&2; exit 9'], {
      cwd: folder,
      stdin: input,
    });
    expect(filter).toMatchObject({ code: 9, stdout: `${input.length}\n` });
    expect(filter.stderr).toContain('words');
    for (const code of [0, 1, 137, 143]) {
      expect(await devspace(['enter', ...flags, '--', 'sh', '-c', `exit ${code}`], { cwd: folder })).toMatchObject({
        code,
      });
    }
    const byLabel = await devspace(['enter', ...flags, '-l', 'app=app', '--', 'pwd'], { cwd: '/' });
    expect(byLabel).toMatchObject({ code: 0, stdout: '/app\n' });
    const missing = await devspace(['enter', ...flags, '--', 'no-such-program'], { cwd: folder });
    expect(missing.code).toBe(127);
    screen.type('exit\r');
    await screen.exited;
  });

  test('deploy afterwards runs the entrypoint of the Dockerfile, and purge removes it', async () => {
    const deploy = await devspace(['deploy', ...flags], { cwd: folder });
    expect(deploy.stderr).toContain('Everything that was deployed is ready');
    expect(deploy.code).toBe(0);
    const container = await runningContainer();
    const own = await imageConfig(container.image);
    expect(own.Cmd).toEqual(['node', 'server.js']);
    await waitFor(async () => expect(await namespace.processes(container)).toEqual(['node server.js']));

    expect(await devspace(['purge', ...flags], { cwd: folder })).toMatchObject({ code: 0 });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', namespace: namespace.name };
    expect(await namespace.kube.read(ref, new AbortController().signal)).toBeUndefined();
  });

  test('without a terminal the services run until a signal', async () => {
    const { spawn } = await import('node:child_process');
    const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
    const child = spawn(process.execPath, [program, 'dev', ...flags], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    await waitFor(() => expect(words).toContain('development services run'), 60);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(existsSync(path.join(folder, '.devspace/dev.lock'))).toBe(false);
  });
});
