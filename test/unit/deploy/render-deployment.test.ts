import { chmodSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ManifestDeployment } from '../../../src/config/types.ts';
import { nullLog } from '../../../src/core/log.ts';
import { renderManifests } from '../../../src/deploy/render-deployment.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const { signal } = new AbortController();
const kubectl = (more: Partial<ManifestDeployment>): ManifestDeployment => ({
  type: 'kubectl',
  name: 'app',
  manifests: [],
  updateImageTags: true,
  patches: [],
  forceConflicts: false,
  ...more,
});
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

/** A folder of programs that say how they were called. */
function programs(root: string, names: readonly string[], script = `echo "${configMap('$0 $*')}"`): string {
  const folder = path.join(root, 'bin');
  for (const name of names) {
    writeFiles(folder, { [name]: `#!/bin/sh\n${script}\n` });
    chmodSync(path.join(folder, name), 0o755);
  }
  return folder;
}

test('namespaces and definitions go first', async () => {
  const inlineManifest = `${configMap('a')}---\napiVersion: v1\nkind: Namespace\nmetadata: { name: b }\n`;
  const { objects } = await renderManifests(kubectl({ inlineManifest }), tempFolder(), {
    env: {},
    signal,
    log: nullLog,
  });
  expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap']);
});

test('a mistake in an inline manifest is told with its line', async () => {
  const error = await errorOf(
    renderManifests(kubectl({ inlineManifest: 'kind: [\n' }), tempFolder(), { env: {}, signal, log: nullLog }),
  );
  expect(error).toMatchObject({
    code: 'DEPLOY_MANIFEST',
    message: expect.stringMatching(/inlineManifest of app:\d:\d/),
  });
});

test('kustomize builds the folder; kubectl does where there is no kustomize', async () => {
  const root = tempFolder();
  writeFiles(root, { 'overlay/kustomization.yaml': 'resources: []\n' });
  const overlay = path.join(root, 'overlay');
  const deployment = kubectl({ manifests: ['overlay/kustomization.yaml'], kustomize: { args: ['--reorder=none'] } });
  const nameWith = async (PATH: string) => {
    const { objects } = await renderManifests(deployment, root, { env: { PATH }, signal, log: nullLog });
    return objects[0]?.metadata.name;
  };
  const bin = programs(root, ['kubectl']);
  expect(await nameWith(bin)).toBe(`${bin}/kubectl kustomize --reorder=none ${overlay}`);
  programs(root, ['kustomize']);
  expect(await nameWith(bin)).toBe(`${bin}/kustomize build --reorder=none ${overlay}`);
});

test('what kustomize says against a folder is passed on, and a machine without it is told what to install', async () => {
  const root = tempFolder();
  const deployment = kubectl({ manifests: ['overlay'], kustomize: { args: [] } });
  const bin = programs(root, ['kustomize'], 'echo "no such resource" >&2; exit 1');
  const render = (PATH: string) => errorOf(renderManifests(deployment, root, { env: { PATH }, signal, log: nullLog }));
  expect(await render(bin)).toMatchObject({ code: 'DEPLOY_KUSTOMIZE', hint: 'no such resource' });
  expect(await render(path.join(root, 'none'))).toMatchObject({
    code: 'DEPLOY_KUSTOMIZE',
    message: 'Deployment app needs kustomize or kubectl, and neither can be started.',
  });
});

test('a program that the configuration names must be there, and is used alone', async () => {
  const root = tempFolder();
  writeFiles(root, { 'overlay/kustomization.yaml': 'resources: []\n' });
  const bin = programs(root, ['kustomize', 'kubectl', 'other']);
  const render = (kustomize: object) =>
    renderManifests(kubectl({ manifests: ['overlay'], kustomize: { args: [], ...kustomize } }), root, {
      env: { PATH: bin },
      signal,
      log: nullLog,
    });
  const { objects } = await render({ kubectlBinary: path.join(bin, 'other') });
  expect(objects[0]?.metadata.name).toBe(`${bin}/other kustomize ${path.join(root, 'overlay')}`);
  for (const [key, setting] of [
    ['kustomizeBinary', 'kustomizeBinaryPath'],
    ['kubectlBinary', 'kubectlBinaryPath'],
  ] as const) {
    expect(await errorOf(render({ [key]: '/nowhere/program' }))).toMatchObject({
      code: 'DEPLOY_KUSTOMIZE',
      message: `Deployment app: ${setting} cannot be started: the program /nowhere/program is not installed`,
    });
  }
});

test('patches that do not fit are told before anything is built', async () => {
  const log = recordingLog();
  const patch = { op: 'replace', path: '/data/none', value: 'x' };
  const render = (name: string) =>
    renderManifests(
      kubectl({ inlineManifest: configMap('a'), patches: [{ target: { kind: 'ConfigMap', name }, ...patch }] }),
      tempFolder(),
      { env: {}, signal, log },
    );
  expect(await errorOf(render('a'))).toMatchObject({
    code: 'DEPLOY_MANIFEST',
    message: expect.stringContaining('the patch of ConfigMap a cannot be applied'),
  });
  expect(log.lines).toEqual([]);
  await render('b');
  expect(log.lines).toEqual(['warn Deployment app: there is no ConfigMap b to patch']);
});

test('values of a component win over its files, the later file over the earlier', async () => {
  const root = tempFolder();
  writeFiles(root, {
    'a.yaml': 'replicas: 2\nlabels: { one: a, two: a, three: a }\ncontainers: [{ image: a }]\n',
    'b.yaml': 'labels: { two: b, three: b }\n',
  });
  const values = { labels: { three: 'c' } };
  const component = {
    type: 'component' as const,
    name: 'web',
    updateImageTags: true,
    values,
    valuesFiles: ['a.yaml', 'b.yaml'],
  };
  const { objects } = await renderManifests(component, root, { env: {}, signal, log: nullLog });
  expect(objects[0]?.spec).toMatchObject({
    replicas: 2,
    template: { metadata: { labels: { one: 'a', two: 'b', three: 'c' } }, spec: { containers: [{ image: 'a' }] } },
  });
  const missing = { ...component, valuesFiles: ['none.yaml'] };
  expect(await errorOf(renderManifests(missing, root, { env: {}, signal, log: nullLog }))).toMatchObject({
    code: 'DEPLOY_MANIFEST',
    message: expect.stringContaining('none.yaml'),
  });
});

test('words for images are filled in where the configuration has them, not in manifest files', async () => {
  const root = tempFolder();
  writeFiles(root, { 'kube/map.yaml': configMap('a') });
  const wordsOf = async (more: Partial<ManifestDeployment>) =>
    (await renderManifests(kubectl(more), root, { env: {}, signal, log: nullLog })).imageWords;
  expect(await wordsOf({ manifests: ['kube'] })).toBe('kept');
  expect(await wordsOf({ inlineManifest: configMap('a') })).toBe('filled');
});
