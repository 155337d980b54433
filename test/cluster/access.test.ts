import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFailure } from '../helpers/expect-failure.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { kubeconfigOfAccount } from './support/account.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { busyboxDeployment } from './support/workloads.ts';

const namespace = useNamespace();
const { name: place } = namespace;

const manifest = busyboxDeployment();
const map = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"}}';
const config = 'version: v1beta2\ndeployments:\n- { name: app, kubectl: { manifests: [kube] } }\n';

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-k01-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, { 'devspace.yaml': config, 'kube/app.json': manifest, 'kube/map.json': map });
  return folder;
}

const apply = (object: Parameters<typeof namespace.kube.apply>[0], into = place) =>
  namespace.kube.apply(object, { defaultNamespace: into, conflicts: 'take', signal });

describe('K01 a namespace', () => {
  const other = `${place}-${randomBytes(2).toString('hex')}`;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: other };
  const folder = makeFolder();

  test('that is missing is made by deploy, and named by enter', async () => {
    const entered = await devspace(['enter', '-n', other, '--label-selector', 'app=app'], { cwd: folder });
    expectFailure(entered, 'TARGET_NOT_FOUND');
    expect(entered.stderr).toContain(other);
    expect(await namespace.kube.read(ref, signal)).toBeUndefined();
    const deployed = await devspace(['deploy', '-n', other], { cwd: folder });
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr).toContain(`Created namespace ${other}`);
  });

  test('that is being deleted is told as such, and nothing is tried in it', async () => {
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: other } });
    const finalizers = ['devspace.test/wait'];
    const kept = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', finalizers } };
    await apply(kept, other);
    await namespace.kube.delete(ref, signal);
    await waitFor(async () =>
      expect((await namespace.kube.read(ref, signal))?.metadata.deletionTimestamp).toBeTruthy(),
    );
    try {
      const result = await devspace(['deploy', '-n', other, '--force-deploy'], { cwd: folder });
      expectFailure(result, 'KUBE_REJECTED');
      expect(result.stderr).toContain(`Namespace ${other} is being deleted.`);
      expect(result.stderr).not.toContain('Deploying app');
    } finally {
      await apply({ ...kept, metadata: { name: 'kept' } }, other);
    }
    await waitFor(async () => expect(await namespace.kube.read(ref, signal)).toBeUndefined(), 60);
  });
});

/** What an account uses: verb, group, resource, and the commands that cannot do without. */
const rights: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['get', 'apps', 'deployments', ['deploy', 'purge']],
  ['list', 'apps', 'deployments', []],
  ['create', 'apps', 'deployments', ['deploy']],
  ['patch', 'apps', 'deployments', ['deploy']],
  ['delete', 'apps', 'deployments', ['purge']],
  ['get', '', 'configmaps', ['purge']],
  ['list', '', 'configmaps', []],
  ['create', '', 'configmaps', ['deploy']],
  ['patch', '', 'configmaps', ['deploy']],
  ['delete', '', 'configmaps', ['purge']],
  ['list', 'apps', 'replicasets', []],
  ['list', '', 'pods', ['deploy', 'purge']],
  ['list', '', 'events', []],
];

describe('K01 an account', () => {
  let kubeconfig = '';
  const allow = async (allowed: typeof rights) => {
    const rules = allowed.map(([verb, group, resource]) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: [verb],
    }));
    await apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'some' }, rules });
  };
  const run = (folder: string, ...args: string[]) =>
    devspace([...args, '-n', place, '--timeout', '60'].slice(0, args[0] === 'purge' ? -2 : undefined), {
      cwd: folder,
      env: { KUBECONFIG: kubeconfig },
    });
  const deployments = async () =>
    (await namespace.kube.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: place }, signal)).length;

  beforeAll(async () => {
    kubeconfig = await kubeconfigOfAccount(namespace, 'some');
    await allow(rights);
    await apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'some' },
      subjects: [{ kind: 'ServiceAccount', name: 'some', namespace: place }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'some' },
    });
    await waitFor(async () => {
      const { code, stderr } = await run(makeFolder(), 'deploy');
      expect(code, stderr).toBe(0);
    }, 60);
    const { code, stderr } = await run(makeFolder(), 'purge');
    expect(code, stderr).toBe(0);
  });

  test.each(rights)('that may not %s %s %s', async (verb, group, resource, needing) => {
    await allow(rights.filter((right) => right[0] !== verb || right[1] !== group || right[2] !== resource));
    const folder = makeFolder();
    for (const command of ['deploy', 'purge']) {
      const result = await run(folder, command);
      if (!needing.includes(command)) expect(result.code, result.stderr).toBe(0);
      else {
        expectFailure(result, 'KUBE_FORBIDDEN');
        const words = verb === 'create' ? 'your role lacks the verb create' : `cannot ${verb} resource "${resource}"`;
        expect(result.stderr).toContain(words);
      }
    }
    // with all rights again, what was begun is finished, and nothing is left
    await allow(rights);
    const again = await run(folder, 'deploy');
    expect(again.code, again.stderr).toBe(0);
    const purged = await run(folder, 'purge');
    expect(purged.code, purged.stderr).toBe(0);
    expect(await deployments()).toBe(0);
  });
});
