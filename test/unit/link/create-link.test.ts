import { expect, onTestFinished, test, vi } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { TargetState } from '../../../src/kube/target.ts';
import { createLink } from '../../../src/link/create-link.ts';
import { reconnectingText, showReconnecting } from '../../../src/link/show-reconnecting.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { fakeKube, podOf } from '../../helpers/fake-kube.ts';
import { useTestApi } from '../../helpers/kube-of-api.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

const query = { namespace: 'dev', labelSelector: { app: 'app' } };
const running = { running: {} };
const ref = (pod: string) => ({ namespace: 'dev', pod, container: 'app' });

function setUp(objects: KubeObject[] = [], timeoutMs = 60_000) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const fake = fakeKube(objects);
  const log = recordingLog();
  const { signal } = controller;
  const link = createLink(query, { kube: fake.kube, log, timeoutMs, signal });
  const states: string[] = [];
  link.subscribe((state: TargetState) => {
    states.push(state.kind === 'linked' ? `linked ${state.container.pod}` : `${state.kind}: ${state.why}`);
  });
  return { ...fake, link, log, signal, controller, states };
}

const restarted = (pod: KubeObject, restartCount: number): KubeObject => ({
  ...pod,
  status: { containerStatuses: [{ name: 'app', ready: true, restartCount, state: running }] },
});
const terminating = (pod: KubeObject): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:01:00Z' },
});

test('takes the newest pod that runs, and stays with it when another one comes', async () => {
  const old = podOf('app-1', running);
  const { link, signal, emit } = setUp([old, podOf('app-2', running, { created: '2026-01-01T00:00:05Z' })]);
  expect(await link.current(signal)).toEqual(ref('app-2'));
  emit({ type: 'added', object: podOf('app-3', running, { created: '2026-01-01T00:00:09Z' }) });
  expect(await link.current(signal)).toEqual(ref('app-2'));
  link.lost(ref('app-2'));
  expect(await link.current(signal)).toEqual(ref('app-2'));
});

test('P02: a deleted pod is lost as soon as the cluster says so, and the next one is taken when it runs', async () => {
  const first = podOf('app-1', running);
  const { link, signal, emit, states } = setUp([first]);
  await link.current(signal);
  emit({ type: 'modified', object: terminating(first) });
  await vi.waitFor(() => expect(states.at(-1)).toMatch(/^searching: there is no pod with the labels app=app/));
  const next = link.current(signal);
  emit({ type: 'added', object: podOf('app-2', { waiting: { reason: 'ContainerCreating' } }) });
  emit({ type: 'deleted', object: terminating(first) });
  emit({ type: 'modified', object: podOf('app-2', running) });
  expect(await next).toEqual(ref('app-2'));
  expect(states.at(-1)).toBe('linked app-2');
});

test('the other containers that run are told as they come and go', async () => {
  const second = podOf('app-2', running);
  const { link, signal, emit } = setUp([podOf('app-1', running), second]);
  const told: string[] = [];
  const stop = link.others((containers) => told.push(containers.map(({ pod }) => pod).join()));
  expect(await link.current(signal)).toEqual(ref('app-1'));
  expect(told.at(-1)).toBe('app-2');
  emit({ type: 'added', object: podOf('app-3', { waiting: { reason: 'ContainerCreating' } }) });
  emit({ type: 'modified', object: podOf('app-3', running) });
  await vi.waitFor(() => expect(told.at(-1)).toBe('app-2,app-3'));
  emit({ type: 'modified', object: terminating(second) });
  await vi.waitFor(() => expect(told.at(-1)).toBe('app-3'));
  stop();
  emit({ type: 'added', object: podOf('app-4', running) });
  await link.current(signal);
  expect(told.at(-1)).toBe('app-3');
});

test('a container that has started anew is told as lost and found', async () => {
  const pod = podOf('app-1', running);
  const { link, signal, emit, states } = setUp([pod]);
  await link.current(signal);
  emit({ type: 'modified', object: restarted(pod, 1) });
  await vi.waitFor(() => expect(states).toEqual(['linked app-1', 'searching: the container has gone', 'linked app-1']));
});

test('what keeps a pod from running is told once, and is the error at the end of the wait', async () => {
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
  const { link, signal, emit, log } = setUp([podOf('app-1', waiting)], 200);
  const failed = userErrorOf(link.current(signal));
  emit({ type: 'modified', object: podOf('app-1', waiting) });
  const error = await failed;
  expect(error.code).toBe('TARGET_NOT_FOUND');
  expect(error.message).toContain('ImagePullBackOff');
  expect(log.lines.filter((line) => line.includes('ImagePullBackOff'))).toHaveLength(1);
});

test('many services wait together, and each can stop waiting', async () => {
  const { link, signal, emit } = setUp();
  const own = new AbortController();
  const left = errorOf(link.current(own.signal));
  const found = Promise.all([link.current(signal), link.current(signal)]);
  own.abort();
  expect((await left).name).toBe('CancelledError');
  emit({ type: 'added', object: podOf('app-1', running) });
  expect(await found).toEqual([ref('app-1'), ref('app-1')]);
});

test('what the cluster refuses at first is told, and asked again the next time', async () => {
  let tries = 0;
  const { kube } = fakeKube([podOf('app-1', running)]);
  const refusing = {
    ...kube,
    watch: (...args: Parameters<typeof kube.watch>) => {
      tries += 1;
      if (tries === 1) throw new Error('not allowed');
      return kube.watch(...args);
    },
  };
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { signal } = controller;
  const link = createLink(query, { kube: refusing, log: recordingLog(), timeoutMs: 60_000, signal });
  expect((await errorOf(link.current(signal))).message).toBe('not allowed');
  expect(await link.current(signal)).toEqual(ref('app-1'));
});

test('a cluster that does not answer: nobody is sent to a container until it is back', async () => {
  const first = podOf('app-1', running);
  const { link, signal, interrupt, resume, states } = setUp([first]);
  await link.current(signal);
  interrupt(new Error('no answer'));
  await vi.waitFor(() => expect(states.at(-1)).toBe('unreachable: no answer'));
  const waiting = link.current(signal);
  resume();
  expect(await waiting).toEqual(ref('app-1'));
});

test('the status line says what is missing, by kind', () => {
  const lost: TargetState = { kind: 'searching', why: 'no pod' };
  const fine: TargetState = { kind: 'linked', container: ref('app-1') };
  expect(reconnectingText([{ state: fine, parts: { ports: 2 } }])).toBeUndefined();
  expect(
    reconnectingText([
      { state: lost, parts: { ports: 1 } },
      { state: lost, parts: { ports: 1, sync: 1 } },
      { state: fine, parts: { sync: 4 } },
    ]),
  ).toBe('reconnecting: ports 2, sync 1 (no pod)');
});

test('the status line is there as long as something is missing', async () => {
  const first = podOf('app-1', running);
  const { link, signal, emit } = setUp([first]);
  const shown: (string | undefined)[] = [];
  const log = { ...recordingLog(), status: (text: string | undefined) => void shown.push(text) };
  await link.current(signal);
  const stop = showReconnecting([{ link, parts: { ports: 2, sync: 1 } }], log);
  emit({ type: 'deleted', object: first });
  await vi.waitFor(() => expect(shown.at(-1)).toMatch(/^reconnecting: ports 2, sync 1/));
  emit({ type: 'added', object: podOf('app-2', running) });
  await vi.waitFor(() => expect(shown.at(-1)).toBeUndefined());
  stop();
});

test('P04: comes back by itself after the API server was started anew', async () => {
  const { api, kube } = await useTestApi();
  const path = '/api/v1/namespaces/default/pods';
  const metadata = { name: 'app-1', labels: { app: 'app' } };
  await api.request('POST', path, { metadata, spec: { containers: [{ name: 'app', image: 'busybox' }] } });
  const containerStatuses = [
    { name: 'app', ready: true, restartCount: 0, image: 'busybox', imageID: 'x', state: { running: {} } },
  ];
  await api.request(
    'PATCH',
    `${path}/app-1/status`,
    { status: { phase: 'Running', containerStatuses } },
    {
      headers: { 'content-type': 'application/merge-patch+json' },
    },
  );
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { signal } = controller;
  const link = createLink({ ...query, namespace: 'default' }, { kube, log: recordingLog(), timeoutMs: 60_000, signal });
  const states: string[] = [];
  link.subscribe(({ kind }) => states.push(kind));
  expect((await link.current(signal)).pod).toBe('app-1');
  await vi.waitFor(() => {
    api.faults.restart();
    expect(states).toContain('unreachable');
  });
  expect((await link.current(signal)).pod).toBe('app-1');
  expect(states.at(-1)).toBe('linked');
});
