import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sleep } from '../../src/core/abort.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
/** No project: the flags say which containers are meant. */
const cwd = tmpdir();
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const logs = (...flags: string[]) => devspace(['logs', '-n', namespace.name, ...flags], { cwd });

/** A pod with a container for each script; it starts anew when one ends. */
async function startPod(
  name: string,
  scripts: Readonly<Record<string, string>>,
  labels = { app: name },
): Promise<void> {
  const containers = Object.entries(scripts).map(([container, script]) => ({
    name: container,
    image: 'busybox:1',
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
  }));
  const spec = { terminationGracePeriodSeconds: 0, containers };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec };
  // the namespace gets its service account a moment after it was made
  await waitFor(() => namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal }));
}

const removePod = (name: string) =>
  namespace.kube.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace: namespace.name }, signal);

/** Runs `logs -f` until the test ends. */
function follow(...flags: string[]) {
  const child = spawn(process.execPath, [program, 'logs', '-f', '-n', namespace.name, ...flags], { cwd });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const lines = () => text.stdout.split('\n').slice(0, -1);
  return { child, ended, text, lines };
}

describe('what was printed', () => {
  test('of all pods that fit, by their times, each behind its name; no colours, since it is no terminal', async () => {
    const labels = { app: 'merged' };
    await startPod('merged-1', { main: 'echo one; sleep 3; echo three; exec sleep 9999' }, labels);
    await startPod('merged-2', { main: 'sleep 1; echo two; exec sleep 9999', side: 'exec sleep 9999' }, labels);
    await waitFor(async () => {
      const { code, stdout } = await logs('-l', 'app=merged');
      expect(stdout.split('\n').sort()).toEqual(['', 'merged-1 one', 'merged-1 three', 'merged-2 main two']);
      expect(code).toBe(0);
    }, 60);
    const one = await logs('--pod', 'merged-2', '-c', 'main');
    expect(one).toMatchObject({ code: 0, stdout: 'two\n', stderr: '' });
    expect((await logs('-l', 'app=merged', '--tail', '1', '--grep', '^t')).stdout.split('\n')).toHaveLength(3);
    expect((await logs('-l', 'app=merged', '--grep', 'e$', '--since', '1h')).stdout).toMatch(/one\n.*three\n$/);
  });

  test('L01: long lines, any bytes, and an end without a newline', async () => {
    const script = `head -c 1000000 /dev/zero | tr '\\\\0' x; echo; printf '\\\\377'; sleep 1; exit 0`;
    await startPod('long', { main: script.replaceAll('\\\\', '\\') });
    await waitFor(async () => expect((await logs('-l', 'app=long', '--previous')).code).toBe(0), 60);
    const { stdout } = await logs('-l', 'app=long', '--previous');
    const [line, end] = stdout.split('\n');
    expect(line).toHaveLength(1_000_000);
    expect(new Set(line)).toEqual(new Set('x'));
    expect(end).toBe('\ufffd');
    await removePod('long');
  });

  test('mistakes are told', async () => {
    await startPod('quiet', { main: 'exec sleep 9999' });
    const wrong = async (...flags: string[]) => {
      const { code, stderr } = await logs(...flags);
      return `${code} ${stderr}`;
    };
    expect(await wrong('--pod', 'nobody')).toMatch(/^1 .*there is no pod nobody \[TARGET_NOT_FOUND\]/);
    expect(await wrong('-f', '-l', 'app=nobody')).toMatch(/^1 .*there is no pod with the labels app=nobody/);
    expect(await wrong('--since', 'yesterday')).toMatch(/^2 .*It takes a duration such as 30s/);
    expect(await wrong('--grep', '(')).toMatch(/^2 .*Invalid regular expression/);
    expect(await wrong('-s', 'app')).toMatch(/^2 .*\[CONFIG_NOT_FOUND\]/);
    await waitFor(async () => {
      expect(await wrong('--pod', 'quiet', '-c', 'web')).toMatch(/^1 .*pod quiet has no container web; it has main/);
      expect(await wrong('--pod', 'quiet', '--previous')).toMatch(/^1 .*There is no earlier run/);
    }, 60);
    await waitFor(async () => expect((await namespace.pods('app=quiet'))[0]?.status?.phase).toBe('Running'), 60);
    expect(await wrong('-p', '-l', 'app in quiet')).toMatch(/^2 .*It takes labels/);
    const picked = await wrong('-p');
    expect(picked).toMatch(
      /^2 .*--pick asks which container is meant, and no terminal is attached\. There are: .*quiet container main/,
    );
    expect(picked).toContain('Name one with --pod and --container.');
  });
});

test('--pick asks on a terminal, and there the names have colours', async () => {
  const labels = { app: 'asked' };
  await startPod('asked-1', { main: 'echo first; exec sleep 9999', side: 'echo second; exec sleep 9999' }, labels);
  const flags = ['-n', namespace.name, '-l', 'app=asked'];
  await waitFor(async () => expect((await logs('-l', 'app=asked')).stdout.split('\n')).toHaveLength(3), 60);
  const all = devspaceOnTerminal(['logs', ...flags], { cwd });
  expect(await all.waitFor(/second/)).toMatch(/\u001b\[\d+masked-1 side\u001b\[39m second/);
  const screen = devspaceOnTerminal(['enter', ...flags, '--pick', '--', 'hostname'], { cwd });
  onTestFinished(() => screen.pty.kill());
  await screen.waitFor(/Which container\?/);
  screen.type('\u001b[B\r');
  await screen.waitFor(/asked-1 side/);
  expect((await screen.exited).exitCode).toBe(0);
  expect(screen.shown()).toMatch(/asked-1 side[^]*asked-1\r/);
});

describe('what is being printed', () => {
  test('L01: ten thousand lines a second, over restarts of the container: none is lost, none comes twice', async () => {
    const script = 'echo begin; i=0; while [ $i -lt 10000 ]; do echo $i; i=$((i+1)); done; echo end; sleep 2; exit 1';
    const { lines } =
      (await startPod('fast', { main: script }), follow('-l', 'app=fast', '--wait', '--tail', '100000'));
    const run = ['begin', ...Array.from({ length: 10_000 }, (_, index) => String(index)), 'end'];
    const expected = [...run, ...run, ...run].map((line) => `fast ${line}`);
    await waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(expected.length), 120);
    expect(lines().slice(0, expected.length)).toEqual(expected);
    await removePod('fast');
  });

  test('L01: --since over a restart of one of two containers: none lost, none twice, each in its order', async () => {
    const count = (word: string, from: number, to: number) =>
      `i=${from}; while [ $i -lt ${to} ]; do echo ${word}-$i; i=$((i+1)); sleep 0.02; done`;
    const steady = `${count('steady', 0, 400)}; exec sleep 9999`;
    const falls = `sleep 1; echo early; sleep 5; ${count('falls', 0, 100)}; echo end; exit 1`;
    await startPod('since', { steady, falls });
    await waitFor(async () => expect((await logs('-l', 'app=since', '-c', 'falls')).stdout).toBe('early\n'), 60);
    await sleep(3_500, signal);
    const { lines } = follow('-l', 'app=since', '--since', '2s');
    const of = (container: string) =>
      lines()
        .filter((line) => line.startsWith(`since ${container} `))
        .map((line) => line.split(' ')[2]);
    const run = [...Array.from({ length: 100 }, (_, index) => `falls-${index}`), 'end'];
    await waitFor(() => expect(of('falls').length).toBeGreaterThanOrEqual(2 * run.length + 1), 90);
    // what was printed before the time that was asked for stays away; after the restart all of the new run comes
    expect(of('falls').slice(0, 2 * run.length + 1)).toEqual([...run, 'early', ...run]);
    const numbers = of('steady').map((line) => Number(line?.split('-')[1]));
    expect(numbers[0]).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(numbers.at(-1)).toBe(399);
    await removePod('since');
  });

  test('pods that come later join, and Ctrl-C ends it', async () => {
    const labels = { app: 'later' };
    await startPod('later-1', { main: 'echo here; exec sleep 9999' }, labels);
    const { child, ended, lines } = follow('-l', 'app=later', '--wait');
    await waitFor(() => expect(lines()).toEqual(['later-1 here']), 60);
    await startPod('later-2', { main: 'echo here, too; exec sleep 9999' }, labels);
    await removePod('later-1');
    await waitFor(() => expect(lines()).toEqual(['later-1 here', 'later-2 here, too']), 60);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  test('a reader that has gone ends it, and so does the end of the pod that was named', async () => {
    await startPod('endless', { main: 'while true; do echo word; sleep 0.1; done' });
    await waitFor(async () => expect((await namespace.pods('app=endless'))[0]?.status?.phase).toBe('Running'), 60);
    const head = follow('-l', 'app=endless');
    await waitFor(() => expect(head.lines().length).toBeGreaterThan(2), 60);
    head.child.stdout.destroy();
    expect(await head.ended).toBe(0);
    const named = follow('--pod', 'endless', '-c', 'main');
    await waitFor(() => expect(named.lines()[0]).toBe('word'), 60);
    await removePod('endless');
    expect(await named.ended).toBe(0);
  });
});
