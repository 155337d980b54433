import path from 'node:path';
import { expect, test } from 'vitest';
import { realClients } from '../helpers/real-clients.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('whole');
const images = ['web', 'api', 'admin'] as const;
const deployments = ['web', 'api', 'admin', 'settings'] as const;
const kinds = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Pod: 'v1',
  Service: 'v1',
  ConfigMap: 'v1',
  Secret: 'v1',
} as const;

const workload = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: main, image: ${image} }] }
`;
const server = (text: string) =>
  `console.log('${text}');\nprocess.on('SIGTERM', () => process.exit());\nsetInterval(() => {}, 60000);\n`;
const imageFiles = (name: string) => ({
  [`${name}/Dockerfile`]: 'FROM node:20\nCOPY server.js /server.js\nCMD ["node", "/server.js"]\n',
  [`${name}/server.js`]: server(name),
});

writeFiles(project.folder, {
  ...Object.assign({}, ...images.map(imageFiles)),
  'devspace.yaml': `version: v2beta1
name: whole
images:
${images.map((name) => `  ${name}: { image: ${project.image}-${name}, dockerfile: ${name}/Dockerfile, context: ${name} }`).join('\n')}
deployments:
  web:
    helm:
      values:
        terminationGracePeriodSeconds: 0
        containers: [{ image: ${project.image}-web }]
        service: { ports: [{ port: 80 }] }
  api: { helm: { chart: { name: ./chart }, values: { image: ${project.image}-api } } }
  admin: { kubectl: { manifests: [manifests] } }
  settings: { kubectl: { manifests: [overlay], kustomize: true } }
`,
  'chart/Chart.yaml': 'apiVersion: v2\nname: api\nversion: 1.0.0\n',
  'chart/templates/api.yaml': workload('api', '{{ .Values.image }}'),
  'manifests/admin.yaml': workload('admin', `${project.image}-admin`),
  'overlay/kustomization.yaml': 'namePrefix: my-\nresources: [map.yaml]\n',
  'overlay/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { key: a }\n',
});

async function run(...args: string[]) {
  const { kubectl } = await realClients();
  const env = { PATH: `${path.dirname(kubectl)}:${process.env['PATH']}` };
  return devspace([...args, '-n', namespace.name, '--output', 'json'], { cwd: project.folder, env });
}

interface Result {
  readonly images: readonly { readonly name: string; readonly tag: string }[];
  readonly deployments: readonly { readonly name: string; readonly outcome: string }[];
}

/** Deploys, and says what was built and what was deployed. */
async function deploy(...args: string[]) {
  const { code, stdout, stderr } = await run('deploy', ...args);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout) as Result;
  return {
    built: images.filter((name) => stderr.includes(`build ${name}  Building `)),
    pushed: images.filter((name) => stderr.includes(`build ${name}  Pushed `)),
    deployed: result.deployments.filter(({ outcome }) => outcome === 'deployed').map(({ name }) => name),
    tags: Object.fromEntries(result.images.map(({ name, tag }) => [name, tag])),
  };
}

async function left(): Promise<string[]> {
  const found: string[] = [];
  for (const [kind, apiVersion] of Object.entries(kinds)) {
    const objects = await namespace.kube.list({ apiVersion, kind, namespace: namespace.name }, signal);
    const own = objects.filter(({ type }) => type !== 'kubernetes.io/service-account-token');
    found.push(...own.map(({ metadata }) => `${kind} ${metadata.name}`));
  }
  return found.filter((name) => name !== 'ConfigMap kube-root-ca.crt');
}

test('three images, a component, a chart, manifests and a kustomization: only what changed is built and deployed', async () => {
  const first = await deploy();
  expect(first).toMatchObject({ built: images, pushed: images, deployed: deployments });

  const nothing = { built: [], pushed: [], deployed: [] };
  expect(await deploy()).toEqual({ ...nothing, tags: first.tags });

  writeFiles(project.folder, { 'api/server.js': server('changed') });
  const changed = await deploy();
  expect(changed).toMatchObject({ built: ['api'], pushed: ['api'], deployed: ['api'] });
  expect(changed.tags).toEqual({ ...first.tags, api: expect.not.stringMatching(`^${first.tags['api']}$`) });
  const [pod] = (await namespace.pods('app=api')).filter(({ metadata }) => !metadata.deletionTimestamp);
  expect(pod?.spec.containers[0]?.image).toBe(`${project.image}-api:${changed.tags['api']}`);

  writeFiles(project.folder, { 'overlay/kustomization.yaml': 'namePrefix: our-\nresources: [map.yaml]\n' });
  expect(await deploy()).toMatchObject({ built: [], pushed: [], deployed: ['settings'] });
  expect(await left()).toContain('ConfigMap our-settings');
  expect(await left()).not.toContain('ConfigMap my-settings');

  const broken = { 'api/server.js': "console.log('no database'); process.exit(4);\n" };
  writeFiles(project.folder, broken);
  const failed = await run('deploy');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('[DEPLOY_FAILED]');
  expect(failed.stderr).toContain('no database');
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'DEPLOY_FAILED' } });
  writeFiles(project.folder, { 'api/server.js': server('changed') });
  expect(await deploy()).toMatchObject({ built: [], deployed: ['api'], tags: changed.tags });

  const purged = await run('purge');
  expect(purged.code, purged.stderr).toBe(0);
  await waitFor(async () => expect(await left()).toEqual([]), 60);
});
