import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal, useScreens } from './support/devspace.ts';
import { useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('restart');
const { folder } = project;
const flags = ['-n', namespace.name];

const closing = useScreens();

test('a synchronised edit starts the program of the image anew, in the same container', async () => {
  project.write(
    'devspace.yaml',
    `version: v1beta11
images:
  default: { image: ${project.image}, injectRestartHelper: true }
deployments:
- name: app
  kubectl: { manifests: [kube] }
dev:
  sync:
  - labelSelector: { app: app }
    containerPath: /app
    excludePaths: [node_modules/]
    onUpload: { restartContainer: true }
`,
  );
  const dockerfile = readFileSync(path.join(folder, 'Dockerfile'));
  const deployed = await devspace(['deploy', ...flags], { cwd: folder });
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(readFileSync(path.join(folder, 'Dockerfile'))).toEqual(dockerfile);
  const [pod] = await namespace.pods('app=app');
  if (!pod) throw new Error('no pod');
  const container = { namespace: namespace.name, pod: pod.metadata.name, container: 'app' };
  const ask = `fetch('http://127.0.0.1:3000').then((r) => r.text()).then((t) => process.stdout.write(t)).catch(() => {})`;
  const answer = () => namespace.exec(container, 'node', '-e', ask);
  await waitFor(async () => expect(await answer()).toBe('Hello from the cluster!\n'));

  const screen = closing(devspaceOnTerminal(['sync', ...flags], { cwd: folder }));
  await screen.waitFor(/is in step with the container/, 60);
  const server = path.join(folder, 'server.js');
  writeFileSync(server, readFileSync(server, 'utf8').replace('response.end(text)', "response.end('A new program\\n')"));
  await screen.waitFor(/Restarted the program of container app/, 30);
  await waitFor(async () => expect(await answer()).toBe('A new program\n'));

  const [same] = await namespace.pods('app=app');
  expect(same?.metadata.name).toBe(pod.metadata.name);
  expect(await namespace.exec(container, 'cat', '/proc/1/cmdline')).toContain('devspace-restart-helper');
});
