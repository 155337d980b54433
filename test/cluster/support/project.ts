import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

export const registry = process.env['TEST_REGISTRY'] ?? 'localhost:5000';
export const quickstart = path.resolve(import.meta.dirname, '../../../docs/examples/quickstart');

export interface TestProject {
  readonly folder: string;
  /** Repository of the image. */
  readonly image: string;
  /** Local port that is forwarded to port 3000. */
  readonly port: number;
  write(file: string, content: string): void;
}

/** A copy of the quickstart with an image, a port and a configuration of its own; removed after the file's tests. */
export async function makeProject(name: string): Promise<TestProject> {
  const folder = mkdtempSync(path.join(tmpdir(), `devspace-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(quickstart, folder, { recursive: true });
  const image = `${registry}/devspace-test/${path.basename(folder).toLowerCase()}`;
  const project: TestProject = {
    folder,
    image,
    port: await freePort(),
    write: (file, content) => writeFileSync(path.join(folder, file), content),
  };
  project.write('devspace.yaml', configText(project));
  project.write('kube/deployment.yaml', manifestText(image));
  return project;
}

export const configText = ({ image, port }: Pick<TestProject, 'image' | 'port'>): string => `version: v1beta2
images:
  default: { image: ${image} }
deployments:
- name: app
  kubectl: { manifests: [kube] }
dev:
  overrideImages:
  - { name: default, entrypoint: [sleep, "9999999"] }
  selectors:
  - { name: default, labelSelector: { app: app } }
  ports:
  - { selector: default, forward: [{ port: ${port}, remotePort: 3000 }] }
  sync:
  - { selector: default, containerPath: /app, excludePaths: [node_modules/] }
  terminal: { selector: default }
`;

export const manifestText = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - { name: app, image: ${image} }
`;

/** The same with a program that only waits. */
export const idleManifestText = (image: string): string =>
  manifestText(image).replace(`image: ${image}`, `image: "${image}", command: [sleep, "9999999"]`);

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
