import { mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { createRedactor } from '../../src/core/redact.ts';
import type { DockerClient } from '../../src/docker/client.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { DevOptions } from '../../src/workflows/dev.ts';
import { loadProject, type Project } from '../../src/workflows/project.ts';
import type { Tools } from '../../src/workflows/tools.ts';
import { type FakeDocker, fakeDocker } from './fake-docker.ts';
import { type FakeKube, fakeKube, podOf } from './fake-kube.ts';
import { type LocalContainer, localContainer } from './local-container.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';
import { tempFolder, writeFiles } from './temp-folder.ts';

export interface BenchOptions {
  readonly kube?: Partial<KubeClient>;
  readonly docker?: Partial<DockerClient>;
}

/** A project of all six steps with a cluster and an engine that record what they are asked for. */
export interface Bench {
  readonly project: Project;
  readonly tools: Tools;
  readonly fake: FakeKube;
  readonly engine: FakeDocker;
  readonly container: LocalContainer;
  readonly log: RecordingLog;
  readonly io: { readonly stdin: PassThrough; readonly stdout: PassThrough; readonly stderr: PassThrough };
  /** The folder in the container. */
  readonly remote: string;
  readonly port: number;
  /** What happened so far: `built`, `pushed`, `applied`, `forwarded`, `synced`, `attached`. */
  ran(): string[];
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec: { containers: [{ name: app, image: localhost:5000/me/app }] }
`;

export async function createBench({ kube: kubeParts, docker }: BenchOptions = {}): Promise<Bench> {
  const folder = tempFolder();
  const [root, remote] = [path.join(folder, 'project'), path.join(folder, 'remote')];
  mkdirSync(remote);
  const port = await freePort();
  writeFiles(root, {
    Dockerfile: 'FROM scratch\nCMD ["node"]\n',
    'index.js': 'hello',
    'kube/app.yaml': deployment,
    'devspace.yaml': `version: v1beta2
images:
  default: { image: localhost:5000/me/app }
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
  - { selector: default, containerPath: ${remote}, excludePaths: [node_modules/], waitInitialSync: true }
  terminal: { selector: default }
`,
  });
  const container = localContainer({ cwd: remote });
  const pod = podOf('app-1', { running: {} });
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev' } };
  const fake: FakeKube = fakeKube([namespace], {
    exec: container.kube.exec,
    async apply(object) {
      if (object.kind !== 'Deployment') return object;
      const applied = rolledOut(object);
      fake.objects.splice(0, fake.objects.length, applied, pod, namespace);
      return applied;
    },
    ...kubeParts,
  });
  const engine = fakeDocker(docker);
  const log = recordingLog();
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const tools: Tools = {
    log,
    io,
    redactor: createRedactor(),
    env: { HOME: folder },
    prompt: undefined,
    program: process.execPath,
    kubeconfigFiles: async () => [],
    dockerConfigFolder: path.join(folder, '.docker'),
    kube: async () => fake.kube,
    docker: async () => engine.docker,
    paintName: (name) => name,
    aside: (write) => write(),
    holdOutput: () => () => {},
  };
  const { signal } = new AbortController();
  const project = await loadProject({ cwd: root, kube: {}, signal }, tools);
  const ran = () => [
    ...(engine.builds.length > 0 ? ['built'] : []),
    ...(engine.pushes.length > 0 ? ['pushed'] : []),
    ...(fake.objects.length > 1 ? ['applied'] : []),
    ...(log.lines.some((line) => line.includes('Forwarding')) ? ['forwarded'] : []),
    ...(log.lines.some((line) => line.includes('is in step')) ? ['synced'] : []),
    ...(container.commands.some((words) => words.includes('attached')) ? ['attached'] : []),
  ];
  return { project, tools, fake, engine, container, log, io, remote, port, ran };
}

function rolledOut(object: KubeObject): KubeObject {
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  return { ...object, metadata: { ...object.metadata, namespace: 'dev', generation: 1 }, status };
}

export const devOptions = (more: Partial<DevOptions> = {}): DevOptions => ({
  build: { push: 'push', rebuild: 'when needed' },
  deploy: { conflicts: 'fail', redeploy: 'when changed' },
  dependencies: {},
  services: {
    sync: true,
    portForwarding: true,
    terminal: true,
    command: ['sh', '-c', 'cat; exit 3', 'attached'],
    timeoutMs: 5_000,
  },
  until: 'the end',
  signal: new AbortController().signal,
  ...more,
});

/** A port on which nothing listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens on the port. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** What Linux calls the start of a process: it tells a process from another one with the same number. */
export function bornAt(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
