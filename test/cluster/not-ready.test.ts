import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/kube/objects.ts';
import { podState } from '../../src/kube/pod-state.ts';
import { type Started, startCli } from '../helpers/run-cli.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { busyboxDeployment } from './support/workloads.ts';

const namespace = useNamespace();
const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  name: `none-${randomBytes(4).toString('hex')}`,
};

interface Fault {
  readonly pod?: object;
  readonly container?: object;
  /** Deployed before the workload. */
  readonly more?: string;
  /** What says so in the cluster, in its own words; it is awaited there before the ten seconds begin. */
  readonly cause: RegExp;
  /** Nothing but another manifest helps, so that `deploy` need not wait for its deadline. */
  readonly certain: boolean;
  /** `dev` is not in the way of it: a program runs. */
  readonly running?: boolean;
}

const faults: Record<string, Fault> = {
  'an image that cannot be pulled': {
    container: { image: 'localhost:1/nobody/nothing:1' },
    cause: /ErrImagePull|ImagePullBackOff/,
    certain: true,
  },
  'a crash loop': {
    container: { command: ['sh', '-c', 'echo no database; exit 4'] },
    cause: /CrashLoopBackOff/,
    certain: true,
  },
  'no node that fits': { pod: { nodeSelector: { planet: 'mars' } }, cause: /Unschedulable/, certain: false },
  'an init container that fails': {
    pod: { initContainers: [{ name: 'prepare', image: 'busybox:1', command: ['sh', '-c', 'echo no schema; exit 5'] }] },
    cause: /CrashLoopBackOff, container prepare/,
    certain: true,
  },
  'a probe that never succeeds': {
    container: { readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 } },
    cause: /Unhealthy/,
    certain: false,
    running: true,
  },
  'a volume that nobody provides': {
    pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    more: JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: {
        storageClassName: storageClass.name,
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Mi' } },
      },
    }),
    cause: /Unschedulable.*PersistentVolumeClaims/,
    certain: false,
  },
  'a quota': {
    more: JSON.stringify({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none' },
      spec: { hard: { pods: '0' } },
    }),
    cause: /FailedCreate.*exceeded quota/,
    certain: false,
  },
};

/** Old clusters cannot take a probe away by server-side apply, so it has one, too. */
const well = { container: { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } } };

const config = `version: v1beta2
deployments:
- { name: app, kubectl: { manifests: [kube] } }
dev:
  sync:
  - { labelSelector: { app: app }, localSubPath: src, containerPath: /tmp }
`;

function projectOf(fault: Fault): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-k02-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, {
    'devspace.yaml': config,
    'src/a.txt': 'a',
    'kube/a.json': fault.more ?? '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"nothing"}}',
    'kube/b.json': busyboxDeployment(fault),
  });
  return folder;
}

/** Waits until the cluster itself says so. */
function visible(cause: RegExp): Promise<void> {
  const list = (apiVersion: string, kind: string) =>
    namespace.kube.list({ apiVersion, kind, namespace: namespace.name }, signal);
  return waitFor(async () => {
    const pods = (await namespace.pods('app=app')).map((pod) => {
      const { problem } = podState(pod);
      return problem ? `${problem.reason}, ${problem.message}` : '';
    });
    const events = (await list('v1', 'Event')).map(({ reason, message }) => [reason, message].join(', '));
    expect([...pods, ...events].some((words) => cause.test(words))).toBe(true);
  }, 60);
}

/** The program tells the cause within ten seconds after the cluster does. */
async function tells({ text }: Started, { cause }: Fault): Promise<void> {
  await visible(cause);
  await waitFor(() => expect(text.stderr).toMatch(cause), 10);
}

const start = (args: readonly string[], cwd: string): Started =>
  startCli([...args, '-n', namespace.name], { cwd, env: process.env });

beforeAll(async () => {
  const object: KubeObject = {
    apiVersion: storageClass.apiVersion,
    kind: storageClass.kind,
    metadata: { name: storageClass.name },
    provisioner: 'kubernetes.io/no-provisioner',
  };
  await namespace.kube.apply(object, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
});
afterAll(async () => {
  await namespace.kube.delete(storageClass, signal);
});

describe.each(Object.entries(faults))('K02 %s', (_name, fault) => {
  const folder = projectOf(fault);
  const objects = async (): Promise<string[]> => {
    const kinds = [
      ['apps/v1', 'Deployment'],
      ['v1', 'ResourceQuota'],
    ] as const;
    const lists = await Promise.all(
      kinds.map(([apiVersion, kind]) => namespace.kube.list({ apiVersion, kind, namespace: namespace.name }, signal)),
    );
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  };

  test('deploy tells the cause within ten seconds and exits with 1', async () => {
    const deploy = start(['deploy', '--timeout', fault.certain ? '120' : '14'], folder);
    await tells(deploy, fault);
    const { code, stdout, stderr } = await deploy.result;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(fault.certain ? '[DEPLOY_FAILED]' : '[DEPLOY_TIMEOUT]');
    // the last words name it, too
    expect(stderr.slice(stderr.lastIndexOf('fatal '))).toMatch(fault.cause);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(folder).sort()).toEqual(
      ['.devspace', 'devspace.yaml', 'home', 'kube', 'src'].filter((name) => name !== 'home'),
    );
  });

  test('dev tells it and keeps waiting; when it is mended, the next deploy is well', async () => {
    const dev = start(['dev'], folder);
    if (fault.running) await waitFor(() => expect(dev.text.stderr).toContain('in step'), 60);
    else await tells(dev, fault);
    expect(dev.child.exitCode).toBeNull();
    dev.child.kill('SIGINT');
    expect((await dev.result).code).toBe(130);

    writeFiles(folder, { 'kube/a.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"nothing"}}' });
    writeFiles(folder, { 'kube/b.json': busyboxDeployment(well) });
    const mended = await devspace(['deploy', '-n', namespace.name, '--timeout', '60'], { cwd: folder });
    expect(mended.code, mended.stderr).toBe(0);
    const purged = await devspace(['purge', '-n', namespace.name], { cwd: folder });
    expect(purged.code, purged.stderr).toBe(0);
    expect(await objects()).toEqual([]);
  });
});
