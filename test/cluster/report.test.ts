import { expect, test } from 'vitest';
import { writeFiles } from '../helpers/temp-folder.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('report');

interface Report {
  readonly images: readonly Record<string, unknown>[];
  readonly deployments: readonly Record<string, unknown>[];
  readonly error?: Record<string, unknown>;
}

/** The exit code and what stdout says as a whole, which must be JSON. */
async function run(...args: string[]): Promise<Report & { readonly code: number | null; readonly stderr: string }> {
  const cwd = project.folder;
  const { code, stdout, stderr } = await devspace([...args, '-n', namespace.name, '--output', 'json'], { cwd });
  return { code, stderr, ...(JSON.parse(stdout) as Report) };
}

const config = (images: string) => `version: v2beta1
name: report
images: ${images}
deployments:
  first: { kubectl: { manifests: [first] } }
  second: { kubectl: { manifests: [second] } }
  third: { kubectl: { manifests: [third] } }
`;
const map = (name: string, data = '{ a: b }') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: ${data}\n`;
const pod = (command: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: second }
spec:
  selector: { matchLabels: { app: second } }
  template:
    metadata: { labels: { app: second } }
    spec: { containers: [{ name: main, image: busybox:1, command: ${command} }] }
`;

writeFiles(project.folder, {
  'devspace.yaml': config('{}'),
  'first/map.yaml': map('first'),
  'second/map.yaml': map('second', '[wrong]'),
  'third/map.yaml': map('third'),
});

test('a deployment that the cluster refuses is told with its error, beside what was done and what was not', async () => {
  const { code, stderr, deployments, error } = await run('deploy');
  expect(code).toBe(1);
  expect(error).toMatchObject({ code: 'KUBE_REJECTED', hint: expect.any(String) });
  expect(deployments).toEqual([
    expect.objectContaining({ name: 'first', outcome: 'deployed', namespace: namespace.name }),
    { project: 'report', name: 'second', namespace: namespace.name, outcome: 'failed', objects: [], error },
    { project: 'report', name: 'third', namespace: namespace.name, outcome: 'not reached', objects: [] },
  ]);
  expect(stderr).toContain('[KUBE_REJECTED]');
  const refOf = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: namespace.name });
  expect(await namespace.kube.read(refOf('first'), signal)).toBeDefined();
  expect(await namespace.kube.read(refOf('third'), signal)).toBeUndefined();
});

test('a deployment whose pod cannot start is the one that failed', async () => {
  writeFiles(project.folder, { 'second/map.yaml': pod('[sh, -c, "echo no; exit 4"]') });
  const { code, deployments, error } = await run('deploy');
  expect([code, error?.['code']]).toEqual([1, 'DEPLOY_FAILED']);
  expect(error?.['message']).toContain('Its last lines:\n  no');
  expect(deployments.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['first', 'skipped'],
    ['second', 'failed'],
    ['third', 'deployed'],
  ]);
  expect(deployments[1]).toMatchObject({ error, objects: [{ kind: 'Deployment', name: 'second' }] });
});

test('one that did not become ready in time is told so, too', async () => {
  const gate = '{ exec: { command: [cat, /ready] }, periodSeconds: 1 }';
  writeFiles(project.folder, {
    'second/map.yaml': pod(`[sleep, "600"], readinessProbe: ${gate}`).replace(
      'spec: { containers',
      'spec: { terminationGracePeriodSeconds: 0, containers',
    ),
  });
  const { code, deployments, error } = await run('deploy', '--timeout', '3');
  expect([code, error?.['code']]).toEqual([1, 'DEPLOY_TIMEOUT']);
  expect(deployments.map(({ outcome }) => outcome)).toEqual(['skipped', 'failed', 'skipped']);
});

test('an image that cannot be built is told with its error; of a cancelled one there is nothing', async () => {
  writeFiles(project.folder, {
    'devspace.yaml': config(`
  bad: { image: ${project.image}-bad, dockerfile: bad/Dockerfile, context: bad }
  good: { image: ${project.image}-good, dockerfile: good/Dockerfile, context: good }`),
    'bad/Dockerfile': 'FROM busybox:1\nRUN false\n',
    'good/Dockerfile': 'FROM busybox:1\n',
  });
  const { code, images, error } = await run('build', '--skip-push');
  expect([code, error?.['code']]).toEqual([1, 'BUILD_FAILED']);
  expect(images[0]).toEqual({ name: 'bad', image: `${project.image}-bad`, error });
  const deployed = await run('deploy', '--skip-push');
  expect([deployed.code, deployed.error?.['code']]).toEqual([1, 'BUILD_FAILED']);
  expect(deployed.deployments.map(({ outcome }) => outcome)).toEqual(['not reached', 'not reached', 'not reached']);
});

test('a manifest that cannot be read is the failure of its deployment', async () => {
  writeFiles(project.folder, { 'devspace.yaml': config('{}').replace('[second]', '[missing]') });
  const { code, deployments, error } = await run('deploy');
  expect([code, error?.['code']]).toEqual([1, 'DEPLOY_MANIFEST']);
  expect(deployments.map(({ outcome }) => outcome)).toEqual(['not reached', 'failed', 'not reached']);
});

test('mistakes of the configuration are JSON, too, and keep their exit code', async () => {
  writeFiles(project.folder, { 'devspace.yaml': `${config('{}')}wrong: 1\n` });
  for (const command of ['build', 'deploy', 'purge']) {
    const { code, error } = await run(command);
    expect([code, error?.['code']]).toEqual([2, 'CONFIG_INVALID']);
    expect(error?.['message']).toContain('devspace.yaml:8:1: wrong: unknown key');
  }
});
