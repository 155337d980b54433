import path from 'node:path';
import { expect, test } from 'vitest';
import { parseYamlDocuments } from '../../src/config/yaml-documents.ts';
import { UserError } from '../../src/core/errors.ts';
import { build } from '../../src/workflows/build.ts';
import { loadProject } from '../../src/workflows/project.ts';
import { render } from '../../src/workflows/render.ts';
import { createBench } from '../helpers/bench.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';

const { signal } = new AbortController();
const kept = { push: 'keep local', rebuild: 'when needed' } as const;

const project = (name: string, more = '') => ({
  [`${name}/Dockerfile`]: 'FROM scratch\n',
  [`${name}/devspace.yaml`]: `version: v2beta1
name: ${name}
images:
  app: { image: me/${name} }
deployments:
  one: { namespace: elsewhere, kubectl: { manifests: [kube.yaml] } }
  two: { kubectl: { inlineManifest: "{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: { image: '\${runtime.images.app}' } }" } }
${more}`,
  [`${name}/kube.yaml`]: `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { containers: [{ name: app, image: me/${name} }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
`,
});

async function bench() {
  const { tools, engine } = await createBench();
  const folder = tempFolder();
  writeFiles(folder, { ...project('app', 'dependencies:\n  db: { path: ../db }\n'), ...project('db') });
  const app = await loadProject({ cwd: path.join(folder, 'app'), kube: {}, signal }, tools);
  const rendered = async (options: Partial<Parameters<typeof render>[1]> = {}) =>
    parseYamlDocuments(await render(app, { build: 'skip', dependencies: {}, signal, ...options }, tools));
  return { app, tools, engine, rendered };
}

test('what would be applied, dependencies first, with the tags that the images would have', async () => {
  const { app, tools, engine, rendered } = await bench();
  const documents = await rendered();
  expect(engine.builds).toHaveLength(0);
  const [image] = await build(app, { build: kept, dependencies: { skip: ['db'] }, signal }, tools);
  const name = `me/app:${image?.tag}`;
  expect(image?.tag).toMatch(/^[0-9a-f]{16}$/);
  const labels = (deployment: string) => ({ 'devspace.sh/deployment': deployment });
  expect(documents).toMatchObject([
    { kind: 'Namespace', metadata: { name: 'db' } },
    { kind: 'Pod', metadata: { name: 'db', namespace: 'elsewhere' } },
    { kind: 'ConfigMap', metadata: { name: 'db' } },
    { kind: 'Namespace', metadata: { name: 'app', labels: labels('app.one') } },
    { kind: 'Pod', metadata: { name: 'app', namespace: 'elsewhere' }, spec: { containers: [{ image: name }] } },
    { kind: 'ConfigMap', metadata: { name: 'app', labels: labels('app.two') }, data: { image: name } },
  ]);
  for (const document of [documents[0], documents[2]]) expect(document).not.toHaveProperty('metadata.namespace');
});

test('flags choose deployments and dependencies, and without --skip-build the images are built', async () => {
  const { engine, rendered } = await bench();
  const documents = await rendered({ build: kept, only: ['two'], dependencies: { skip: ['db'] } });
  expect(documents).toMatchObject([{ kind: 'ConfigMap', metadata: { name: 'app' } }]);
  expect(engine.builds).toHaveLength(1);
});

test('no cluster is needed', async () => {
  const { app, tools } = await bench();
  const kube = async () => Promise.reject(new UserError('KUBE_CONFIG', 'there is none'));
  const text = await render(app, { build: 'skip', dependencies: {}, signal }, { ...tools, kube });
  expect(parseYamlDocuments(text)).toHaveLength(6);
});
