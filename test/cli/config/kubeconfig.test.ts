import { chmodSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Place, place } from './command-line.ts';

const main = `# my clusters
apiVersion: v1
kind: Config
current-context: one   # the usual
clusters:
- {name: c1, cluster: {server: "https://127.0.0.1:1"}}
contexts:
- name: one
  context: {cluster: c1, user: u1}
- name: two
  context:
    cluster: c1
    user: u1 # me
    namespace: old
users:
- {name: u1, user: {token: secret-token}}
`;

const more = `apiVersion: v1
kind: Config
clusters: []
contexts:
- name: three
  context:
    cluster: c1
    user: u1
users: []
`;

function kubeconfigs(): Place & { devspaceHere: Place['devspace'] } {
  const project = place({ config: main, more });
  chmodSync(path.join(project.root, 'config'), 0o600);
  const files = ['config', 'more'].map((name) => path.join(project.root, name)).join(path.delimiter);
  return { ...project, devspaceHere: (...words) => project.devspaceWith({ KUBECONFIG: files }, ...words) };
}

describe('contexts', () => {
  test('are listed from all files, with the current one', async () => {
    const { exitCode, stdout } = await kubeconfigs().devspaceHere('list', 'contexts');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      'NAME    ACTIVE   CLUSTER   NAMESPACE\none     yes      c1        default\ntwo              c1        old\nthree            c1        default\n',
    );
  });

  test('use context changes one value and leaves every other byte and the mode', async () => {
    const project = kubeconfigs();
    expect(await project.devspaceHere('use', 'context', 'three')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(project.read('config')).toBe(main.replace('current-context: one', 'current-context: three'));
    expect(project.read('more')).toBe(more);
    expect(statSync(path.join(project.root, 'config')).mode & 0o777).toBe(0o600);
  });

  test('use context --reset goes back to the one before, once', async () => {
    const project = kubeconfigs();
    expect(await project.devspaceHere('use', 'context', '--reset')).toMatchObject({ exitCode: 2 });
    await project.devspaceHere('use', 'context', 'three');
    await project.devspaceHere('use', 'context', 'three');
    expect(await project.devspaceHere('use', 'context', '--reset')).toMatchObject({ exitCode: 0 });
    expect(project.read('config')).toBe(main);
    expect(await project.devspaceHere('use', 'context', '--reset')).toMatchObject({ exitCode: 2 });
  });

  test('an unknown one is refused, and without a terminal the name must be given', async () => {
    const project = kubeconfigs();
    const unknown = await project.devspaceHere('use', 'context', 'tow');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('Did you mean two?');
    const unnamed = await project.devspaceHere('use', 'context');
    expect(unnamed.exitCode).toBe(2);
    expect(unnamed.stderr).toContain('one, two, three');
    expect(project.read('config')).toBe(main);
  });

  test('use namespace --reset takes it from the context that is meant', async () => {
    const project = kubeconfigs();
    expect(await project.devspaceHere('use', 'namespace', '--reset', '--kube-context', 'two')).toMatchObject({
      exitCode: 0,
    });
    expect(project.read('config')).toBe(main.replace('    namespace: old\n', ''));
  });

  test('without a kubeconfig the places are named', async () => {
    const { exitCode, stderr } = await place().devspace('list', 'contexts');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(path.join('.kube', 'config'));
  });

  test('a broken kubeconfig is told and stays as it is', async () => {
    const project = place();
    const file = project.write('broken', 'current-context: [');
    const { exitCode, stderr } = await project.devspaceWith({ KUBECONFIG: file }, 'use', 'context', 'x');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('KUBE_CONFIG');
    expect(readFileSync(file, 'utf8')).toBe('current-context: [');
  });
});

/** As much of an API server as namespaces need, over real HTTP. */
async function cluster(): Promise<{ readonly kubeconfig: string; readonly names: string[] }> {
  const names = ['default', 'staging'];
  const toObject = (name: string): object => ({ metadata: { name }, status: { phase: 'Active' } });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://here');
    const name = pathname.split('/')[4];
    if (request.method === 'PATCH' && name) names.push(name);
    const isKnown = name === undefined || names.includes(name);
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    if (pathname === '/api/v1') {
      response.end(JSON.stringify({ resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] }));
    } else if (name === undefined) response.end(JSON.stringify({ items: names.map(toObject) }));
    else response.end(JSON.stringify(isKnown ? toObject(name) : { message: 'not found' }));
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { kubeconfig: main.replace('"https://127.0.0.1:1"', `"${address}", insecure-skip-tls-verify: true`), names };
}

describe('namespaces', () => {
  test('are listed, with the one of the run', async () => {
    const { kubeconfig } = await cluster();
    const project = place();
    const env = { KUBECONFIG: project.write('config', kubeconfig) };
    const { exitCode, stdout, stderr } = await project.devspaceWith(env, 'list', 'namespaces', '-n', 'staging');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe('NAME      ACTIVE   STATUS\ndefault            Active\nstaging   yes      Active\n');
  });

  test('use namespace sets one that exists, and --create makes one that does not', async () => {
    const { kubeconfig, names } = await cluster();
    const project = place();
    const env = { KUBECONFIG: project.write('config', kubeconfig) };
    expect(await project.devspaceWith(env, 'use', 'namespace', 'staging')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(project.read('config')).toContain('namespace: staging');
    const missing = await project.devspaceWith(env, 'use', 'namespace', 'mine');
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain('--create');
    expect(names).toEqual(['default', 'staging']);
    expect(await project.devspaceWith(env, 'use', 'namespace', 'mine', '--create')).toMatchObject({ exitCode: 0 });
    expect(names).toEqual(['default', 'staging', 'mine']);
    expect(project.read('config')).toContain('namespace: mine');
    const unnamed = await project.devspaceWith(env, 'use', 'namespace');
    expect(unnamed.exitCode).toBe(2);
    expect(unnamed.stderr).toContain('default, staging, mine');
  });
});
