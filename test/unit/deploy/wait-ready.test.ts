import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { waitBegun, waitReady } from '../../../src/deploy/wait-ready.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { type FakeKube, fakeKube, podOf } from '../../helpers/fake-kube.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

const deployment = (status: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'dev', generation: 1 },
  spec: { replicas: 1, selector: { matchLabels: { app: 'app' } } },
  status: { observedGeneration: 1, ...status },
});
const begun = deployment({ updatedReplicas: 1, replicas: 1 });
const ready = deployment({ updatedReplicas: 1, replicas: 1, readyReplicas: 1, availableReplicas: 1 });

const options = ({ kube }: FakeKube, timeoutMs = 60_000, signal = new AbortController().signal) => ({
  kube,
  log: recordingLog(),
  signal,
  timeoutMs,
});

const waiting = (reason: string, message: string) => ({ waiting: { reason, message } });

test('returns once everything is ready', async () => {
  const fake = fakeKube([begun]);
  const waited = waitReady([begun], options(fake));
  fake.objects[0] = ready;
  await waited;
});

test('objects without pods need no waiting', async () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
  await waitReady([map], options(fakeKube([])));
});

test('an image that cannot be pulled is DEPLOY_FAILED at once, in the words of the cluster', async () => {
  const pod = podOf('app-1', waiting('ImagePullBackOff', 'Back-off pulling image "localhost:5000/me/app:1"'));
  const error = await userErrorOf(waitReady([begun], options(fakeKube([begun, pod]))));
  expect([error.code, error.message]).toEqual([
    'DEPLOY_FAILED',
    'Pod dev/app-1: ImagePullBackOff, container app: Back-off pulling image "localhost:5000/me/app:1"',
  ]);
});

test('a crash loop is DEPLOY_FAILED with exit code and the last lines, without control characters', async () => {
  const pod = podOf('app-1', waiting('CrashLoopBackOff', 'back-off 5m'));
  const [status] = (pod['status'] as { containerStatuses: object[] }).containerStatuses;
  Object.assign(status ?? {}, { lastState: { terminated: { exitCode: 7 } } });
  const fake = fakeKube([begun, pod]);
  fake.logs.set('app-1/app/previous', 'starting\n\u001b[31mcannot find module\u001b[0m\n');
  const error = await userErrorOf(waitReady([begun], options(fake)));
  expect(error.code).toBe('DEPLOY_FAILED');
  expect(error.message).toContain('last with exit code 7');
  expect(error.message).toContain('Its last lines:\n  starting\n  cannot find module');
  expect(error.message).not.toContain('\u001b');
});

test('a program that has crashed once more between two looks is not ready', async () => {
  const pod = podOf('app-1', { running: {} });
  const [status] = (pod['status'] as { containerStatuses: { restartCount: number; state: object }[] })
    .containerStatuses;
  const fake = fakeKube([begun, pod]);
  let looks = 0;
  const { read } = fake.kube;
  // each time it is looked at it is ready, and has been started again meanwhile
  fake.kube.read = async (ref, signal) => {
    looks += 1;
    if (looks === 2) fake.objects[0] = ready;
    if (looks === 3 && status) status.restartCount += 1;
    if (looks === 4 && status) status.state = waiting('CrashLoopBackOff', 'back-off 10s');
    if (looks === 4) fake.objects[0] = begun;
    return read(ref, signal);
  };
  expect((await userErrorOf(waitReady([begun], options(fake)))).message).toContain('CrashLoopBackOff');
});

test('a program that was ready before the first look, and crashes after it, is not ready', async () => {
  const pod = podOf('app-1', { running: {} });
  const [status] = (pod['status'] as { containerStatuses: { restartCount: number; state: object }[] })
    .containerStatuses;
  const fake = fakeKube([ready, pod]);
  let looks = 0;
  const { read } = fake.kube;
  fake.kube.read = async (ref, signal) => {
    looks += 1;
    if (looks === 2 && status) status.restartCount += 1;
    if (looks === 3 && status) status.state = waiting('CrashLoopBackOff', 'back-off 10s');
    if (looks === 3) fake.objects[0] = begun;
    return read(ref, signal);
  };
  expect((await userErrorOf(waitReady([begun], options(fake)))).message).toContain('CrashLoopBackOff');
});

test('a program that is started again and again until the deadline is told, and its deployment is to blame', async () => {
  const pod = podOf('app-1', { running: {} });
  const [status] = (pod['status'] as { containerStatuses: { restartCount: number }[] }).containerStatuses;
  const well = {
    ...ready,
    metadata: { ...ready.metadata, name: 'well' },
    spec: { selector: { matchLabels: { a: 'b' } } },
  };
  const fake = fakeKube([begun, well, pod]);
  const { read } = fake.kube;
  fake.kube.read = async (ref, signal) => {
    if (status) status.restartCount += 1;
    fake.objects[0] = ready;
    return read(ref, signal);
  };
  const blamed: string[] = [];
  const onFailure = (objects: readonly KubeObject[]) => blamed.push(...objects.map(({ metadata }) => metadata.name));
  const error = await userErrorOf(waitReady([begun, well], { ...options(fake, 0), onFailure }));
  expect([error.code, error.message]).toEqual([
    'DEPLOY_TIMEOUT',
    'Not settled after 0 seconds. Pod app-1 is started again and again.',
  ]);
  expect(blamed).toEqual(['app']);
});

test('what became ready just before the deadline, and stays so, is ready', async () => {
  const fake = fakeKube([begun, podOf('app-1', { running: {} })]);
  const { read } = fake.kube;
  let looks = 0;
  fake.kube.read = async (ref, signal) => {
    looks += 1;
    if (looks === 2) fake.objects[0] = ready;
    return read(ref, signal);
  };
  await waitReady([begun], options(fake, 400));
});

test('what was ready when it was looked at for the deployment is not waited for', async () => {
  const fake = fakeKube([ready]);
  let looks = 0;
  const { read } = fake.kube;
  fake.kube.read = async (ref, signal) => {
    looks += 1;
    return read(ref, signal);
  };
  await waitReady([ready], options(fake));
  expect(looks).toBe(1);
});

test('without a log of the earlier run the present one is shown', async () => {
  const fake = fakeKube([begun, podOf('app-1', waiting('CrashLoopBackOff', ''))]);
  fake.logs.set('app-1/app/current', 'present words');
  expect((await userErrorOf(waitReady([begun], options(fake)))).message).toContain('present words');
});

test('a broken pod of the old version does not count', async () => {
  const old = podOf('app-old', waiting('CrashLoopBackOff', ''), { labels: { app: 'app', 'pod-template-hash': 'old' } });
  const young = podOf(
    'app-new',
    { running: {} },
    {
      labels: { app: 'app', 'pod-template-hash': 'new' },
      created: '2026-01-02T00:00:00Z',
    },
  );
  const fake = fakeKube([begun, old, young]);
  const waited = waitReady([begun], options(fake));
  await vi.waitFor(() => expect(fake.calls).toEqual([]));
  fake.objects[0] = ready;
  await waited;
});

test('at the deadline it says what is known', async () => {
  const pod = podOf('app-1', waiting('ContainerCreating', ''));
  const error = await userErrorOf(waitReady([begun], options(fakeKube([begun, pod]), -1)));
  expect([error.code, error.message]).toEqual([
    'DEPLOY_TIMEOUT',
    'Not ready after 0 seconds. Deployment app (namespace dev): 0 of 1 ready; app-1 ContainerCreating',
  ]);
});

test('waitBegun is content with a pod of the new version, whatever its state', async () => {
  await waitBegun([begun], options(fakeKube([begun, podOf('app-1', waiting('CrashLoopBackOff', ''))])));
  const error = await userErrorOf(waitBegun([deployment({})], options(fakeKube([deployment({})]), -1)));
  expect(error.code).toBe('DEPLOY_TIMEOUT');
});

test('abort ends the waiting and leaves no listener', async () => {
  const controller = new AbortController();
  const waited = errorOf(waitReady([begun], options(fakeKube([begun]), 60_000, controller.signal)));
  await vi.waitFor(() => expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1));
  controller.abort();
  expect((await waited).name).toBe('CancelledError');
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a broken pod of the version before does not count, even if both pods are of the same second', async () => {
  const annotations = { 'deployment.kubernetes.io/revision': '2' };
  const second = { ...begun, metadata: { ...begun.metadata, annotations } };
  const replicaSet = (revision: string, hash: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `app-${hash}`,
      namespace: 'dev',
      labels: { app: 'app', 'pod-template-hash': hash },
      annotations: { 'deployment.kubernetes.io/revision': revision },
    },
  });
  const podOfVersion = (name: string, hash: string, state: object) => {
    const pod = podOf(name, state);
    const labels = { ...pod.metadata.labels, 'pod-template-hash': hash };
    return { ...pod, metadata: { ...pod.metadata, labels, creationTimestamp: '2026-01-01T00:00:00Z' } };
  };
  const objects = [
    second,
    replicaSet('1', 'old'),
    replicaSet('2', 'new'),
    podOfVersion('app-old', 'old', waiting('CrashLoopBackOff', 'back-off 5m')),
    podOfVersion('app-new', 'new', waiting('ContainerCreating', '')),
  ];
  const error = await userErrorOf(waitReady([second], options(fakeKube(objects), 0)));
  expect(error.code).toBe('DEPLOY_TIMEOUT');
  expect(error.message).toContain('app-new ContainerCreating');
  expect(error.message).not.toContain('app-old');
});
