import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { realClients } from '../helpers/real-clients.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject, manifestText } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('redeploy');
const flags = ['-n', namespace.name];
const run = (...args: string[]) => devspace([...args, ...flags], { cwd: project.folder });

const refOf = (kind: string, name: string) => ({ apiVersion: 'v1', kind, name, namespace: namespace.name });
const read = (name: string) => namespace.kube.read(refOf('ConfigMap', name), signal);
const map = (name: string, value = 'a') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { key: ${value} }\n`;

const config = `version: v2beta1
name: redeploy
images:
  app: { image: ${project.image} }
deployments:
  app: { kubectl: { manifests: [kube] } }
  settings: { kubectl: { manifests: [settings] } }
`;

test('what did not change is skipped; what changed, is missing or was changed by another is deployed', async () => {
  writeFiles(project.folder, {
    'devspace.yaml': config,
    'kube/deployment.yaml': manifestText(project.image),
    'settings/one.yaml': map('one'),
  });
  const first = await run('deploy');
  expect(first.stderr).toContain('Deploying app: for the first time');
  expect(first.code).toBe(0);

  const second = await run('deploy');
  expect(second.stderr).toContain('Skipped app: 1 object unchanged');
  expect(second.stderr).toContain('Skipped settings: 1 object unchanged');
  expect(second.code).toBe(0);
  const forced = await run('deploy', '-d', '--output', 'json');
  expect(forced.stderr).toContain('Deploying app: as asked for');
  expect(JSON.parse(forced.stdout)).toMatchObject({
    images: [{ name: 'app', image: project.image, tag: expect.stringMatching(/^[0-9a-f]{16}$/) }],
    deployments: [
      {
        project: 'redeploy',
        name: 'app',
        namespace: namespace.name,
        outcome: 'deployed',
        objects: [{ kind: 'Deployment' }],
      },
      {
        name: 'settings',
        outcome: 'deployed',
        objects: [{ kind: 'ConfigMap', name: 'one', namespace: namespace.name }],
      },
    ],
    pruned: [],
  });

  project.write('message.txt', 'another message');
  const changed = await run('deploy');
  expect(changed.stderr).toContain('Deploying app: it has changed');
  expect(changed.stderr).toContain('Skipped settings');

  await namespace.kube.delete(refOf('ConfigMap', 'one'), signal);
  expect((await run('deploy')).stderr).toMatch(/Deploying settings: ConfigMap one \(namespace \S+\) is missing/);
  expect((await read('one'))?.['data']).toEqual({ key: 'a' });

  const { kubectl } = await realClients();
  const patch = ['patch', 'configmap', 'one', '-n', namespace.name, '-p', '{"data":{"key":"b"}}'];
  await promisify(execFile)(kubectl, patch);
  const taken = await run('deploy', '--force-conflicts');
  expect(taken.stderr).toMatch(/Deploying settings: ConfigMap one \(namespace \S+\) was changed by another/);
  expect((await read('one'))?.['data']).toEqual({ key: 'a' });
});

test('what left the manifests is deleted, but not what moved, what is not ours and what holds data', async () => {
  const claim =
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }\n';
  writeFiles(project.folder, {
    'devspace.yaml': config,
    'kube/deployment.yaml': map('kept'),
    'settings/one.yaml': ['gone', 'moves', 'taken'].map((name) => map(name)).join('---\n'),
    'settings/two.yaml': claim,
  });
  expect(await run('deploy')).toMatchObject({ code: 0 });
  const { kubectl } = await realClients();
  const label = [
    'label',
    'configmap',
    'taken',
    '-n',
    namespace.name,
    '--overwrite',
    'devspace.sh/deployment=other.app',
  ];
  await promisify(execFile)(kubectl, label);

  writeFiles(project.folder, {
    'kube/moved.yaml': map('moves'),
    'settings/one.yaml': map('stays'),
    'settings/two.yaml': map('stays-too'),
    'kube/deployment.yaml': map('kept', 'b'),
  });
  const dry = await run('deploy', '--dry-run', '--force-conflicts');
  expect(dry.stderr).toContain('2 to create, 2 to change, 1 to delete; nothing was done');
  expect(dry.stdout).toMatch(/--- ConfigMap kept [^]*\n- {2}key: a\n\+ {2}key: b\n/);
  expect(dry.stdout).toMatch(/--- ConfigMap gone [^]*\n-kind: ConfigMap\n/);
  expect(dry.stdout).not.toContain('managedFields');
  expect(dry.code).toBe(0);
  expect((await read('kept'))?.['data']).toEqual({ key: 'a' });
  expect(await read('stays')).toBeUndefined();
  const result = await run('deploy', '--force-conflicts');
  expect(result.code).toBe(0);
  expect(result.stderr).toMatch(/Deleting ConfigMap gone \(namespace \S+\), which left the manifests of settings/);
  expect(result.stderr).toMatch(/PersistentVolumeClaim data .* stays, since it may hold data/);
  expect(await read('gone')).toBeUndefined();
  for (const name of ['moves', 'taken', 'stays', 'kept']) expect(await read(name), name).toBeDefined();
  expect(await namespace.kube.read(refOf('PersistentVolumeClaim', 'data'), signal)).toBeDefined();

  const purged = await run('purge', '-o', 'json');
  expect(purged.code).toBe(0);
  expect(JSON.parse(purged.stdout)).toMatchObject({ deployments: [{ name: 'settings' }, { name: 'app' }] });
  const left = await namespace.kube.list(
    { ...refOf('ConfigMap', ''), labelSelector: 'devspace.sh/deployment' },
    signal,
  );
  expect(left.map(({ metadata: { name } }) => name)).toEqual(['taken']);
});

test('a deployment that left the configuration is purged with the rest', async () => {
  writeFiles(project.folder, {
    'devspace.yaml': config,
    'kube/deployment.yaml': map('orphan'),
    'settings/one.yaml': map('own'),
  });
  expect(await run('deploy')).toMatchObject({ code: 0 });
  project.write('devspace.yaml', config.replace(/ {2}app: \{ kubectl.*\n/, ''));
  const purged = await run('purge');
  expect(purged.stderr).toContain('Deployment app has left the configuration; it is purged, too');
  expect(purged.code).toBe(0);
  for (const name of ['orphan', 'own']) expect(await read(name), name).toBeUndefined();
});
