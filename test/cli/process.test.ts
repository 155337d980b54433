import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { startCli } from '../helpers/run-cli.ts';
import { startSpdyServer } from '../helpers/spdy-server.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app-1', namespace: 'dev', labels: { app: 'app' } },
  spec: { containers: [{ name: 'app', image: 'app' }] },
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
  },
};

/** A server with one pod, whose containers are processes of this machine, and a project for it. */
async function project() {
  const server = await startSpdyServer({
    onRequest: (request, response) => {
      const resources = [{ name: 'pods', kind: 'Pod', namespaced: true }];
      response.end(JSON.stringify(request.url === '/api/v1' ? { resources } : { items: [pod] }));
    },
  });
  const cwd = tempFolder();
  writeFiles(cwd, {
    'devspace.yaml': 'version: v1beta2\ndev:\n  terminal: { labelSelector: { app: app } }\n',
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'dev' } }],
    }),
  });
  return { server, options: { cwd, env: { KUBECONFIG: path.join(cwd, 'kubeconfig') } } };
}

test('--version prints the version and nothing else', async () => {
  const { result } = startCli(['--version'], { cwd: tempFolder() });
  expect(await result).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
});

test('without a project it exits with 2', async () => {
  const { result } = startCli(['dev'], { cwd: tempFolder() });
  expect(await result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('[CONFIG_NOT_FOUND]') });
});

describe('enter', () => {
  test('is a filter: stdin to its end, stdout alone on stdout, the exit code of the command', async () => {
    const { options, server } = await project();
    const input = 'line\n'.repeat(20_000);
    const command = ['enter', '--', 'sh', '-c', 'tr a-z A-Z; echo words >&2; exit 5'];
    const { code, stdout, stderr } = await startCli(command, { ...options, stdin: input }).result;
    expect(stdout).toBe(input.toUpperCase());
    expect(stderr).toContain('words');
    expect(code).toBe(5);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  test('whose reader goes away ends as a program would that SIGPIPE killed', async () => {
    const { options } = await project();
    const { child, result } = startCli(['enter', '--', 'sh', '-c', 'yes'], { ...options, stdin: '' });
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect((await result).code).toBe(141);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('that gets %s exits with %i and leaves no process in the container', async (signal, code) => {
    const { options, server } = await project();
    const { child, result, text } = startCli(['enter', '--', 'sh', '-c', 'echo started; exec sleep 1000'], options);
    await vi.waitFor(() => expect(text.stdout).toBe('started\n'), { timeout: 10_000 });
    child.kill(signal);
    expect((await result).code).toBe(code);
    await vi.waitFor(
      () =>
        expect(server.processes.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toBe(
          true,
        ),
      {
        timeout: 5_000,
      },
    );
    expect(server.sockets.size).toBe(0);
  });
});

test('dev without a terminal stays until SIGTERM, then exits with 143', async () => {
  const { options } = await project();
  const { child, result, text } = startCli(['dev'], options);
  await vi.waitFor(() => expect(text.stderr).toContain('Stop them with Ctrl-C'), { timeout: 10_000 });
  const second = await startCli(['dev'], options).result;
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining(`pid ${child.pid}`)]);
  child.kill('SIGTERM');
  expect((await result).code).toBe(143);
  const third = startCli(['dev'], options);
  await vi.waitFor(() => expect(third.text.stderr).toContain('Stop them with Ctrl-C'), { timeout: 10_000 });
  // a crash leaves the lock; it does not stand in the way
  third.child.kill('SIGKILL');
  await third.result;
  const fourth = startCli(['dev'], options);
  await vi.waitFor(() => expect(fourth.text.stderr).toContain('Stop them with Ctrl-C'), { timeout: 10_000 });
  fourth.child.kill('SIGINT');
  expect((await fourth.result).code).toBe(130);
});
