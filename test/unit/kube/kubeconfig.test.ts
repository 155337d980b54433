import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect, loadKubeconfig } from '../../../src/kube/kubeconfig.ts';
import { certificate } from '../../helpers/certificate.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

interface Entry {
  readonly namespace?: string;
  readonly user?: object;
  readonly cluster?: object;
}

/** A kubeconfig with one cluster, one user and one context of each name. */
function kubeconfig(current: string, contexts: Readonly<Record<string, Entry>>): string {
  const names = Object.entries(contexts);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: names.map(([name, { cluster }]) => ({ name, cluster: cluster ?? { server: `https://${name}:6443` } })),
    users: names.map(([name, { user }]) => ({ name, user: user ?? { token: `${name}-token` } })),
    contexts: names.map(([name, { namespace }]) => ({ name, context: { cluster: name, user: name, namespace } })),
  });
}

function files(contents: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  writeFiles(folder, contents);
  return Object.keys(contents)
    .map((name) => path.join(folder, name))
    .join(path.delimiter);
}

test('the current context, its namespace and its server', async () => {
  const list = files({ config: kubeconfig('dev', { dev: { namespace: 'team' }, prod: {} }) });
  expect(await loadKubeconfig({ files: list, inCluster: false })).toMatchObject({
    context: 'dev',
    namespace: 'team',
    server: 'https://dev:6443',
  });
});

test('flags win over the file; without any namespace it is default', async () => {
  const list = files({ config: kubeconfig('dev', { dev: { namespace: 'team' }, prod: {} }) });
  const load = (more: object) => loadKubeconfig({ files: list, inCluster: false, ...more });
  expect(await load({ context: 'prod' })).toMatchObject({ context: 'prod', namespace: 'default' });
  expect(await load({ namespace: 'mine' })).toMatchObject({ context: 'dev', namespace: 'mine' });
});

test('several files are merged: the first one that says something wins', async () => {
  const list = files({
    a: kubeconfig('dev', { dev: { cluster: { server: 'https://first' } } }),
    b: kubeconfig('prod', { dev: { cluster: { server: 'https://second' } }, prod: {} }),
  });
  expect(await loadKubeconfig({ files: list, inCluster: false })).toMatchObject({ server: 'https://first' });
  const prod = await loadKubeconfig({ files: list, context: 'prod', inCluster: false });
  expect(prod.server).toBe('https://prod:6443');
});

test('files of the list that do not exist are passed over', async () => {
  const list = files({ b: kubeconfig('dev', { dev: {} }) });
  const missing = path.join(tempFolder(), 'missing');
  expect(await loadKubeconfig({ files: `${missing}${path.delimiter}${list}`, inCluster: false })).toMatchObject({
    context: 'dev',
  });
});

describe('KUBE_CONFIG', () => {
  test('for a context that is not there, with those that are', async () => {
    const list = files({ config: kubeconfig('dev', { dev: {}, prod: {} }) });
    const error = await userErrorOf(loadKubeconfig({ files: list, context: 'staging', inCluster: false }));
    expect([error.code, error.message]).toEqual([
      'KUBE_CONFIG',
      'The kubeconfig has no context staging. It has: dev, prod.',
    ]);
  });

  test('for a file without a current context', async () => {
    const list = files({ config: kubeconfig('', { dev: {} }) });
    const error = await userErrorOf(loadKubeconfig({ files: list, inCluster: false }));
    expect(error.message).toBe('The kubeconfig has no current context. It has: dev.');
  });

  test('for no file at all, with the places that were looked at', async () => {
    const missing = path.join(tempFolder(), 'missing');
    const error = await userErrorOf(loadKubeconfig({ files: missing, inCluster: false }));
    expect(error.code).toBe('KUBE_CONFIG');
    expect(error.message).toContain(missing);
    expect(error.hint).toContain('KUBECONFIG');
  });

  test('for a file that is no kubeconfig, with its name', async () => {
    const list = files({ config: 'clusters: [\n' });
    const error = await userErrorOf(loadKubeconfig({ files: list, inCluster: false }));
    expect(error.code).toBe('KUBE_CONFIG');
    expect(error.message).toContain(list);
  });

  test('for an empty file', async () => {
    const error = await userErrorOf(loadKubeconfig({ files: files({ config: '' }), inCluster: false }));
    expect(error.code).toBe('KUBE_CONFIG');
  });

  test('for a context whose cluster is missing', async () => {
    const broken = { ...JSON.parse(kubeconfig('dev', { dev: {} })), clusters: [] };
    const list = files({ config: JSON.stringify(broken) });
    expect((await userErrorOf(loadKubeconfig({ files: list, inCluster: false }))).message).toBe(
      'The context dev names no cluster with a server.',
    );
  });
});

const connectionOf = async (list: string) => {
  const load = () => loadKubeconfig({ files: list, inCluster: false });
  return connect(await load(), load);
};

describe('credentials', () => {
  const authorize = async (entry: Entry) => {
    const list = files({ config: kubeconfig('dev', { dev: entry }) });
    return connectionOf(list).then((connection) => connection.authorize());
  };

  test('a token goes into the header', async () => {
    expect((await authorize({ user: { token: 'abc' } })).headers).toEqual({ Authorization: 'Bearer abc' });
  });

  test('a server without TLS, such as kubectl proxy, is reached', async () => {
    const list = files({ config: kubeconfig('proxy', { proxy: { cluster: { server: 'http://127.0.0.1:8001' } } }) });
    const { headers } = await connectionOf(list).then((connection) => connection.authorize());
    expect(headers).toMatchObject({ Authorization: 'Bearer proxy-token' });
  });

  test('a name with a password is basic authentication', async () => {
    const { headers } = await authorize({ user: { username: 'me', password: 'geheim' } });
    expect(Object.values(headers)).toEqual([`Basic ${Buffer.from('me:geheim').toString('base64')}`]);
  });

  test('client certificate and authority go into TLS', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    const { tls } = await authorize({
      cluster: { server: 'https://dev', 'certificate-authority-data': encode(certificate.cert) },
      user: { 'client-certificate-data': encode(certificate.cert), 'client-key-data': encode(certificate.key) },
    });
    expect([tls.ca, tls.cert, tls.key].map(String)).toEqual([certificate.cert, certificate.cert, certificate.key]);
  });

  test('a credential plugin is asked', async () => {
    const folder = tempFolder();
    writeFiles(folder, {
      'plugin.cjs':
        'console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token: "from-plugin" } }))',
    });
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [path.join(folder, 'plugin.cjs')],
      interactiveMode: 'Never',
    };
    expect((await authorize({ user: { exec } })).headers).toEqual({ Authorization: 'Bearer from-plugin' });
  });

  test('a credential plugin that is missing is KUBE_UNAUTHORIZED', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin-of-devspace' };
    const error = await userErrorOf(authorize({ user: { exec } }));
    expect(error.code).toBe('KUBE_UNAUTHORIZED');
    expect(error.message).toContain('no-such-plugin-of-devspace');
  });
});
