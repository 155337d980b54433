import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withDeadline } from '../../src/core/abort.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal, onTerminal, type Screen, useScreens } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const cwd = tmpdir();
const prompt = /[#$] (\u001b\[\S*)*$/;

const closing = useScreens();

async function start(name: string): Promise<void> {
  const labels = { app: name };
  const container = { name: 'app', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '9999999'] };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
  await namespace.kube.apply(deployment, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
  await waitFor(() => runningPod(name), 60);
}

async function runningPod(name: string): Promise<string> {
  const pods = await namespace.pods(`app=${name}`);
  const pod = pods.find(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running');
  if (!pod) throw new Error('no pod runs');
  return pod.metadata.name;
}

const removePod = (name: string) =>
  namespace.kube.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace: namespace.name }, signal);

/** A shell of this machine, with a word for each state of its terminal. */
function localShell(): Screen {
  const screen = closing(onTerminal('sh', [], { cwd, env: { PS1: 'here> ' } }));
  return screen;
}

const settings = async (screen: Screen): Promise<string> => {
  screen.type('stty -a\r');
  const text = await screen.waitFor(/-?echoke?\b[^]*here> $/);
  return text.slice(text.indexOf('speed')).split('here>')[0] ?? '';
};

test('T02, T06: vi through a lost pod: the terminal is as before, and no longer on the alternate screen', async () => {
  await start('vi');
  const screen = localShell();
  await screen.waitFor(/here> $/);
  const before = await settings(screen);
  const pod = await runningPod('vi');
  const enter = `'${process.execPath}' '${program}' enter -n ${namespace.name} --pod ${pod}`;
  screen.type(`${enter} -- sh -c "printf '\\033[?1049h'; exec vi /tmp/notes"; echo "code $?"\r`);
  await screen.waitFor(/\u001b\[\?1049h/);
  await screen.waitFor(/~/);
  screen.type('ihello');
  await screen.waitFor(/hello/);
  await removePod(pod);
  const end = await screen.waitFor(/code \d+[^]*here> $/, 60);
  expect(end).toMatch(/code (137|1)\r/);
  expect(end.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(-1);
  expect(await settings(screen)).toBe(before);
});

test('T06: a shell goes on in the next pod, after a word; ~. after Enter leaves it', async () => {
  await start('next');
  const screen = closing(devspaceOnTerminal(['enter', '-n', namespace.name, '-l', 'app=next'], { cwd }));
  await screen.waitFor(prompt);
  const pod = await runningPod('next');
  await removePod(pod);
  await screen.waitFor(/The terminal in pod next-\S+ was lost.*; reconnecting/, 60);
  await screen.waitFor(/A new terminal in container app of pod next-\S+\r\n[^]*[#$] (\u001b\[\S*)*$/, 60);
  const next = await runningPod('next');
  expect(next).not.toBe(pod);
  screen.type('sleep 4321\r');
  const container = { namespace: namespace.name, pod: next, container: 'app' };
  await waitFor(async () => expect((await namespace.processes(container)).join('|')).toContain('sleep 4321'));
  screen.type('\r');
  screen.type('~');
  screen.type('.');
  expect((await withDeadline(screen.exited, 20_000, () => new Error(screen.shown()))).exitCode).toBe(0);
  await waitFor(async () => expect(await namespace.processes(container)).toEqual(['sleep 9999999']));
});

test.each([
  ['exit 0', 0],
  ['exit 1', 1],
  ['exit 2', 2],
  ['exec /etc/passwd', 126],
  ['exec no-such-program', 127],
  ['kill -2 $$', 130],
  ['kill -9 $$', 137],
  ['kill -15 $$', 143],
  ['exit 255', 255],
])('T03: the exit code after %s is the one of the command', async (script, code) => {
  await start('codes');
  const flags = ['-n', namespace.name, '-l', 'app=codes'];
  const screen = closing(devspaceOnTerminal(['enter', ...flags, '--', 'sh', '-c', script], { cwd }));
  expect((await screen.exited).exitCode).toBe(code);
});

test.each<readonly [string, string, (screen: Screen, pid: number) => void, number]>([
  ['the command ends', 'true', () => {}, 0],
  ['the command fails', 'exit 7', () => {}, 7],
  ['the command is killed', 'kill -9 $$', () => {}, 137],
  ['Ctrl-D', 'cat', ({ type }) => type('\u0004'), 0],
  ['Ctrl-C', 'exec sleep 999', ({ type }) => type('\u0003'), 130],
  ['~. after Enter', 'exec sleep 999', ({ type }) => ['\r', '~', '.'].forEach(type), 0],
  ['SIGTERM', 'exec sleep 999', (_screen, pid) => process.kill(pid, 'SIGTERM'), 143],
  ['SIGHUP', 'exec sleep 999', (_screen, pid) => process.kill(pid, 'SIGHUP'), 129],
])('T02: the terminal is as before after %s, and nothing is left in the container', async (_way, script, act, code) => {
  await start('ways');
  const screen = localShell();
  await screen.waitFor(/here> $/);
  const before = await settings(screen);
  const folder = tempFolder();
  const enter = `exec '${process.execPath}' '${program}' enter -n ${namespace.name} -l app=ways -- sh -c "$1"`;
  writeFiles(folder, { 'enter.sh': `echo "pid $$,"; ${enter}\n` });
  screen.type(`sh ${folder}/enter.sh 'echo up-$((1+1)); ${script}'; echo "code $?"\r`);
  const [, pid] = /pid (\d+),/.exec(await screen.waitFor(/\nup-2\r/)) ?? [];
  act(screen, Number(pid));
  await screen.waitFor(new RegExp(`code ${code}\r[^]*here> $`));
  expect(await settings(screen)).toBe(before);
  const container = { namespace: namespace.name, pod: await runningPod('ways'), container: 'app' };
  await waitFor(async () => expect(await namespace.processes(container)).toEqual(['sleep 9999999']), 30);
});

test.each([
  ['a filter', (args: readonly string[]) => spawn(process.execPath, [program, ...args], { cwd, stdio: 'pipe' })],
  ['a terminal', (args: readonly string[]) => devspaceOnTerminal(args, { cwd }).pty],
] as const)(
  '%s that is killed at thirty moments from its start on leaves nothing in the container',
  async (way, run) => {
    const name = way.replace(' ', '-');
    await start(name);
    const container = { namespace: namespace.name, pod: await runningPod(name), container: 'app' };
    const enter = ['enter', '-n', namespace.name, '--pod', container.pod, '--'];
    const begin = Date.now();
    await devspace([...enter, 'true'], { cwd });
    const runMs = Date.now() - begin;
    for (let index = 0; index < 30; index += 1) {
      const child = run([...enter, 'sh', '-c', `echo ${index} >>/tmp/started; exec sleep 4711`]);
      await sleep(((index + Math.random()) * runMs * 1.5) / 30);
      child.kill('SIGKILL');
    }
    await waitFor(async () => expect(await namespace.processes(container)).toEqual(['sleep 9999999']), 60);
    const started = (await namespace.exec(container, 'cat', '/tmp/started')).split('\n').length - 1;
    // the moments lie on both sides of the start of the command
    expect([started > 0, started < 30]).toEqual([true, true]);
  },
);

test('T08: Ctrl-C, Ctrl-Z and Ctrl-\\ reach the program in the container, not us', async () => {
  await start('keys');
  const traps = ['INT', 'TSTP', 'QUIT'].map((name) => `trap "echo got-${name}" ${name}`).join('; ');
  const script = `${traps}; echo up; while :; do read -r word; [ "$word" = end ] && exit 5; done`;
  const flags = ['-n', namespace.name, '-l', 'app=keys'];
  const screen = closing(devspaceOnTerminal(['enter', ...flags, '--', 'sh', '-c', script], { cwd }));
  await screen.waitFor(/up\r/);
  for (const [key, name] of [
    ['\u0003', 'INT'],
    ['\u001a', 'TSTP'],
    ['\u001c', 'QUIT'],
  ] as const) {
    screen.type(key);
    await screen.waitFor(new RegExp(`got-${name}`), 10);
  }
  screen.type('end\r');
  expect((await screen.exited).exitCode).toBe(5);
});

test('T04: a hundred megabytes go through, byte for byte, in both directions', async () => {
  await start('filter');
  const sent = Buffer.alloc(100_000_000);
  for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE((at * 2_654_435_761) % 4_294_967_296, at);
  const child = spawn(process.execPath, [program, 'enter', '-n', namespace.name, '-l', 'app=filter', '--', 'cat'], {
    cwd,
  });
  child.stdin.end(sent);
  const got = createHash('sha256');
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) got.update(chunk);
  expect(got.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(0);
});

test('T01, T07, T08: a megabyte is pasted, in letters of several bytes, while the window is resized', async () => {
  await start('paste');
  const script =
    'stty raw -echo; echo ready; head -c 1000000 | md5sum; until [ "$(stty size)" = "22 77" ]; do sleep 0.1; done';
  const flags = ['-n', namespace.name, '-l', 'app=paste'];
  const screen = closing(devspaceOnTerminal(['enter', ...flags, '--', 'sh', '-c', script], { cwd }));
  await screen.waitFor(/ready/);
  screen.type('\u00e4'.repeat(500_000));
  for (let columns = 20; columns < 120; columns += 1) screen.pty.resize(columns, 1 + (columns % 50));
  screen.pty.resize(1, 1);
  screen.pty.resize(77, 22);
  await screen.waitFor(/2d48633bba0205f96dc860f4d6f50f61  -/, 60);
  expect((await screen.exited).exitCode).toBe(0);
});
