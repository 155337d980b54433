import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands, groups } from '../../src/cli/commands.ts';
import { freePort } from '../helpers/bench.ts';
import { type CliOptions, runCli } from '../helpers/run-cli.ts';
import { startSpdyServer } from '../helpers/spdy-server.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';

const config = `version: v1beta2
deployments:
- name: app
  kubectl: { manifests: [kube] }
dev:
  terminal: { labelSelector: { app: app } }
`;
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n';

/** A project and a kubeconfig for a server. */
function project(server: string, text = config): CliOptions {
  const cwd = tempFolder();
  writeFiles(cwd, {
    'devspace.yaml': text,
    'kube/c.yaml': manifest,
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'very-secret-token' } }],
      contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'dev' } }],
    }),
  });
  return { cwd, env: { KUBECONFIG: path.join(cwd, 'kubeconfig') } };
}

const nobody = async () => project(`http://127.0.0.1:${await freePort()}`);

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j lists every command on stdout', async (argv) => {
    const { code, stdout, stderr } = await runCli(argv, { cwd: tempFolder() });
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, summary } of commands.filter((command) => !command.hidden)) {
      const [shown = '', member] = name.split(' ');
      expect(stdout).toContain(`  ${shown} `);
      expect(stdout.replace(/\s+/g, ' ')).toContain(member === undefined ? summary : groups[shown]);
    }
    for (const flag of ['--namespace', '--kube-context', '--debug', '--silent', '--no-colors'])
      expect(stdout).toContain(flag);
  });

  test.each(commands.map(({ name }) => name))('of %s has its flags, the global ones and examples', async (name) => {
    const definition = commands.find((command) => command.name === name);
    const help = await runCli([...name.split(' '), '--help'], { cwd: tempFolder() });
    expect([help.code, help.stderr]).toEqual([0, '']);
    for (const { flags } of definition?.options ?? []) expect(help.stdout).toContain(flags.split(/[ ,]/)[0]);
    expect(help.stdout).toContain('--namespace');
    for (const example of definition?.examples ?? []) expect(help.stdout).toContain(example);
    if (!name.includes(' ')) expect((await runCli(['help', name], { cwd: tempFolder() })).stdout).toBe(help.stdout);
  });

  test.each(['--version', '-v'])('%s prints the version alone', async (flag) => {
    const { code, stdout } = await runCli([flag], { cwd: tempFolder() });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line exits with 2 and a suggestion', () => {
  test.each([
    [['dve'], /unknown command 'dve'.*Did you mean dev\?/s],
    [['deploy', '--timeot', '3'], /unknown option '--timeot'.*Did you mean --timeout\?/s],
    [['deploy', '--timeout', 'soon'], /--timeout.*number of seconds/s],
    [['dev', '--sync=maybe'], /--sync.*true or false/s],
    [['enter', '-l', 'nonsense'], /app=web/],
    [['--namespace'], /--namespace/],
    [['purge', 'extra', 'words'], /too many arguments/],
  ])('%j', async (argv, words) => {
    const { code, stdout, stderr } = await runCli(argv, { cwd: tempFolder() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('[USAGE]');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('errors', () => {
  test.each(['dev', 'build', 'deploy', 'purge', 'enter'])(
    '%s without a project is CONFIG_NOT_FOUND and exits with 2',
    async (name) => {
      const { code, stdout, stderr } = await runCli([name], { cwd: tempFolder() });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('[CONFIG_NOT_FOUND]');
    },
  );

  test('a mistake in the configuration has file, line and key, and exits with 2', async () => {
    const { code, stderr } = await runCli(
      ['deploy'],
      project('http://localhost:1', config.replace('kubectl', 'kubectll')),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/devspace\.yaml:4:\d+/);
    expect(stderr).toContain('kubectll');
  });

  test('a cluster that cannot be reached is KUBE_UNREACHABLE, exits with 1 and shows no stack', async () => {
    const { code, stderr } = await runCli(['deploy'], await nobody());
    expect(code).toBe(1);
    expect(stderr).toContain('[KUBE_UNREACHABLE]');
    expect(stderr).toContain('nothing listens there');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('--debug shows the stack', async () => {
    const { code, stderr } = await runCli(['deploy', '--debug'], await nobody());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\s+at /m);
  });

  test('--silent leaves nothing but the error', async () => {
    const { code, stdout, stderr } = await runCli(['--silent', 'deploy'], await nobody());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^fatal The API server .*\n {2}→ .*\n$/);
  });

  test('a context that is not there lists the others', async () => {
    const { code, stderr } = await runCli(['deploy', '--kube-context', 'prod'], await nobody());
    expect(code).toBe(1);
    expect(stderr).toContain('The kubeconfig has no context prod. It has: test.');
  });

  test('an unknown deployment lists the others and exits with 2', async () => {
    const { code, stderr } = await runCli(['deploy', '--deployments', 'web'], await nobody());
    expect(code).toBe(2);
    expect(stderr).toContain('This project has: app.');
  });
});

describe('what others say', () => {
  const answering = async (message: string) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', message });
    return project(
      (await startSpdyServer({ onRequest: (_request, response) => response.writeHead(403).end(body) })).url,
    );
  };

  test('is shown without secrets, not even with --debug', async () => {
    const words = 'refused https://me:hunter2@proxy.example with Authorization: Bearer abcdefgh12345678';
    const { code, stderr } = await runCli(['purge', '--debug'], await answering(words));
    expect(code).toBe(1);
    expect(stderr).toContain('[KUBE_FORBIDDEN]');
    for (const secret of ['hunter2', 'abcdefgh12345678', 'very-secret-token']) expect(stderr).not.toContain(secret);
  });

  test('cannot move the cursor or change colours', async () => {
    const { stderr } = await runCli(['purge'], await answering('no\u001b[2J\u001b[31m way\u0007\r'));
    expect(stderr).toContain('no way');
    expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  });
});

describe('colours', () => {
  test.each([[[]], [['--no-colors']]])('are not used without a terminal: %j', async (flags) => {
    const { stderr } = await runCli(['dve', ...flags], { cwd: tempFolder() });
    expect(stderr).not.toContain('\u001b');
  });
});

test('a run leaves no listener on signals', async () => {
  const count = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name));
  const before = count();
  await runCli(['deploy'], await nobody());
  expect(count()).toEqual(before);
});

test('deploys to a server and returns 0', async () => {
  const seen: string[] = [];
  const server = await startSpdyServer({
    onRequest: (request, response) => {
      seen.push(`${request.method} ${request.url?.split('?')[0]}`);
      const resources = [
        { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
        { name: 'namespaces', kind: 'Namespace', namespaced: false },
      ];
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'dev' } };
      response.end(JSON.stringify(request.url === '/api/v1' ? { resources } : object));
    },
  });
  const { code, stderr } = await runCli(['deploy', '-n', 'team'], project(server.url));
  expect(stderr).toContain('Namespace team, context test');
  expect(code).toBe(0);
  expect(seen).toContain('PATCH /api/v1/namespaces/team/configmaps/c');
});
