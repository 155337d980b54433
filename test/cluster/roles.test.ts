import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sleep } from '../../src/core/abort.ts';
import { freePort } from '../helpers/bench.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { kubeconfigOfAccount } from './support/account.ts';
import { askApi } from './support/api.ts';
import { startDev } from './support/dev-run.ts';
import { devspace, devspaceOnTerminal, useScreens } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { nodeContainer } from './support/workloads.ts';

const namespace = useNamespace();
const cwd = tmpdir();
const closing = useScreens();

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A kubeconfig of an account that may do just this, which no other test uses. */
async function accountThatMay(name: string, rules: readonly Rule[]): Promise<string> {
  const apply = (object: Parameters<typeof namespace.kube.apply>[0]) =>
    namespace.kube.apply(object, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
  const version = 'rbac.authorization.k8s.io/v1';
  const role = { apiVersion: version, kind: 'Role', metadata: { name } };
  await apply({ ...role, rules: rules.map((rule) => ({ apiGroups: [''], ...rule })) });
  const subjects = [{ kind: 'ServiceAccount', name, namespace: namespace.name }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  await apply({ apiVersion: version, kind: 'RoleBinding', metadata: { name }, subjects, roleRef });
  return kubeconfigOfAccount(namespace, name);
}

const mayLook: Rule = { resources: ['pods'], verbs: ['get', 'list', 'watch'] };
const withVerbs = (resource: string, verbs: readonly string[]): Rule[] =>
  verbs.length === 0 ? [mayLook] : [mayLook, { resources: [resource], verbs }];

const server = `require('net').createServer(socket => socket.on('error', () => {}).end('from the pod')).listen(3000); console.log('it is up')`;

/** Of the server's version: WebSockets can end an input from 1.30 on, and carry port-forwards from 1.31 on. */
let minor = 0;

beforeAll(async () => {
  const container = nodeContainer(server);
  const metadata = { name: 'app', labels: { app: 'app' } };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
  await waitFor(() => namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal }), 30);
  await waitFor(async () => {
    const [app] = await namespace.pods('app=app');
    expect(app?.status?.containerStatuses?.[0]?.ready).toBe(true);
  }, 60);
  const version = JSON.parse((await askApi('/version')).text) as { readonly minor: string };
  minor = Number.parseInt(version.minor, 10);
});

const run = (kubeconfig: string, ...args: string[]) =>
  devspace([...args, '-n', namespace.name, '-l', 'app=app'], { cwd, env: { KUBECONFIG: kubeconfig } });

const enter = (kubeconfig: string, script: string, stdin = '') =>
  devspace(['enter', '-n', namespace.name, '-l', 'app=app', '--', 'sh', '-c', script], {
    cwd,
    env: { KUBECONFIG: kubeconfig },
    stdin,
  });

/** What the account is called in refusals. */
const cannot = (account: string, verb: string, resource: string) =>
  `User "system:serviceaccount:${namespace.name}:${account}" cannot ${verb} resource "${resource}"`;

describe('a terminal', () => {
  test.each(['get', 'create', 'get,create'])('with %s on pods/exec works on a terminal', async (verbs) => {
    const KUBECONFIG = await accountThatMay(
      `terminal-${verbs.replace(',', '-')}`,
      withVerbs('pods/exec', verbs.split(',')),
    );
    const args = ['enter', '-n', namespace.name, '-l', 'app=app', '--', 'sh', '-c', 'echo up-$((1+1)); exit 7'];
    const screen = closing(devspaceOnTerminal(args, { cwd, env: { KUBECONFIG } }));
    await screen.waitFor(/up-2\r/);
    expect((await screen.exited).exitCode).toBe(7);
  });

  test.each(['create', 'get,create'])('with %s on pods/exec is a filter whose input ends', async (verbs) => {
    const kubeconfig = await accountThatMay(
      `exec-${verbs.replace(',', '-')}`,
      withVerbs('pods/exec', verbs.split(',')),
    );
    const result = await enter(kubeconfig, 'cat; echo err >&2; exit 7', 'words');
    expect(result).toMatchObject({ code: 7, stdout: 'words' });
    expect(result.stderr).toContain('err');
  });

  test('with get alone is one where the server can end the input of a WebSocket, else names create', async () => {
    const kubeconfig = await accountThatMay('exec-get', withVerbs('pods/exec', ['get']));
    const { code, stdout, stderr } = await enter(kubeconfig, 'cat; exit 7', 'words');
    if (minor >= 30) {
      expect([code, stdout]).toEqual([7, 'words']);
      return;
    }
    expect(code).toBe(1);
    expect(stderr).toContain('[KUBE_FORBIDDEN]');
    expect(stderr).toContain('it lacks the verb create on pods/exec');
    expect(stderr).toContain('Ask the administrator of the cluster for the verb create on pods/exec.');
  });

  test('with neither verb names both', async () => {
    const kubeconfig = await accountThatMay('exec-none', withVerbs('pods/exec', []));
    const { code, stdout, stderr } = await enter(kubeconfig, 'true');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('[KUBE_FORBIDDEN]');
    expect(stderr).toMatch(/cannot (get|create) resource "pods\/exec"/);
    expect(stderr).toContain('Ask the administrator of the cluster for the verbs get and create on pods/exec.');
  });

  test('without the right to list pods says so', async () => {
    const kubeconfig = await accountThatMay('exec-only', [{ resources: ['pods/exec'], verbs: ['get', 'create'] }]);
    const { code, stderr } = await enter(kubeconfig, 'true');
    expect(code).toBe(1);
    expect(stderr).toContain('[KUBE_FORBIDDEN]');
    expect(stderr).toContain(cannot('exec-only', 'list', 'pods'));
  });
});

describe('a forwarded port', () => {
  async function forward(account: string, rules: readonly Rule[]) {
    const port = await freePort();
    const dev = { ports: [{ labelSelector: { app: 'app' }, forward: [{ port, remotePort: 3000 }] }] };
    const env = { KUBECONFIG: await accountThatMay(account, rules) };
    return { port, ...startDev({ dev, env, flags: ['-n', namespace.name] }) };
  }

  async function ask(port: number): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    return text(socket).catch(() => '');
  }

  test.each(['create', 'get,create'])('with %s on pods/portforward works', async (verbs) => {
    const rules = withVerbs('pods/portforward', verbs.split(','));
    const { port, waitFor: told } = await forward(`port-${verbs.replace(',', '-')}`, rules);
    await told(/Forwarding/);
    await waitFor(async () => expect(await ask(port)).toBe('from the pod'), 30);
  });

  test('with get alone works where the server has tunnels, else names create', async () => {
    const started = await forward('port-get', withVerbs('pods/portforward', ['get']));
    await started.waitFor(/Forwarding/);
    if (minor >= 31) {
      await waitFor(async () => expect(await ask(started.port)).toBe('from the pod'), 30);
      return;
    }
    expect(await ask(started.port)).toBe('');
    await started.waitFor(/cannot create resource "pods\/portforward"/);
  });

  test('with neither verb is told once with both, and the run goes on', async () => {
    const { port, told, interrupt, ...started } = await forward('port-none', withVerbs('pods/portforward', []));
    await started.waitFor(/Forwarding/);
    expect(await Promise.all([ask(port), ask(port)])).toEqual(['', '']);
    await started.waitFor(/refused with both verbs, get and create, on pods\/portforward/);
    expect(await ask(port)).toBe('');
    expect(told().match(/refused with both verbs/g)).toHaveLength(1);
    expect(told()).toContain(`Port ${port}: `);
    expect(await interrupt()).toBe(130);
  });

  test('without the right to watch pods works, by listing them', async () => {
    const rules = [
      { resources: ['pods'], verbs: ['list'] },
      { resources: ['pods/portforward'], verbs: ['get', 'create'] },
    ];
    const { port, told, ...started } = await forward('port-blind', rules);
    await started.waitFor(/Forwarding/);
    await waitFor(async () => expect(await ask(port)).toBe('from the pod'), 30);
    await sleep(1_500, signal);
    expect(await ask(port)).toBe('from the pod');
    expect(told()).not.toContain('reconnecting');
  });
});

describe('a log', () => {
  test('is followed without the right to watch pods', async () => {
    const rules = [
      { resources: ['pods'], verbs: ['list'] },
      { resources: ['pods/log'], verbs: ['get'] },
    ];
    const env = { KUBECONFIG: await accountThatMay('log-blind', rules) };
    const short = { name: 'short', labels: { app: 'short' } };
    const container = { name: 'app', image: 'busybox:1', command: ['sh', '-c', 'echo one; sleep 4; echo two'] };
    const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: short, spec };
    await namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
    const args = ['logs', '-f', '--wait', '-n', namespace.name, '--pod', 'short', '-c', 'app'];
    expect(await devspace(args, { cwd, env })).toMatchObject({ code: 0, stdout: 'one\ntwo\n' });
  });

  test('needs get on pods/log and list on pods', async () => {
    const log = { resources: ['pods/log'], verbs: ['get'] };
    const list = { resources: ['pods'], verbs: ['list'] };
    const may = await accountThatMay('log', [list, log]);
    expect(await run(may, 'logs')).toMatchObject({ code: 0, stdout: 'it is up\n' });
    const without = await run(await accountThatMay('log-none', [mayLook]), 'logs');
    expect([without.code, without.stdout]).toEqual([1, '']);
    expect(without.stderr).toContain('[KUBE_FORBIDDEN]');
    expect(without.stderr).toContain(cannot('log-none', 'get', 'pods/log'));
    const followed = await run(await accountThatMay('log-none-f', [mayLook]), 'logs', '-f');
    expect([followed.code, followed.stdout]).toEqual([1, '']);
    expect(followed.stderr).toContain(cannot('log-none-f', 'get', 'pods/log'));
    const nothing = await run(await accountThatMay('log-only', [log]), 'logs');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain(cannot('log-only', 'list', 'pods'));
  });
});
