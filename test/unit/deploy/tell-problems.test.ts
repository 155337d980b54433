import { afterEach, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { createProblemTeller } from '../../../src/deploy/tell-problems.ts';
import type { KubeObject, Pod } from '../../../src/kube/objects.ts';
import { fakeKube, podOf } from '../../helpers/fake-kube.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

afterEach(() => void vi.useRealTimers());

const deployment = (status: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'dev', generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, ...status },
});
const refused = deployment({
  conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: none' }],
});
const warning = (message: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'app-1.1' },
  type: 'Warning',
  reason: 'Unhealthy',
  message,
  lastTimestamp: new Date().toISOString(),
  involvedObject: { kind: 'Pod', name: 'app-1' },
});

/** Looks every half second, as long as it says; the warnings so far. */
async function look(seconds: number, { object = deployment({}), pods = [] as Pod[], kube = fakeKube() } = {}) {
  vi.useFakeTimers();
  const log = recordingLog();
  const tell = createProblemTeller({ kube: kube.kube, log, signal: new AbortController().signal });
  for (let passed = 0; passed <= seconds; passed += 0.5) {
    await tell(async () => [{ object, pods }]);
    vi.advanceTimersByTime(500);
  }
  return log.lines;
}

test('a quota is told once it has been in the way for some seconds, and only once', async () => {
  expect(await look(3, { object: refused })).toEqual([]);
  expect(await look(30, { object: refused })).toEqual(['warn Deployment app: FailedCreate, exceeded quota: none']);
});

test('a failing probe is told by its event', async () => {
  const pod = podOf('app-1', { running: {} }) as Pod;
  const kube = fakeKube([warning('Readiness probe failed')]);
  expect(await look(8, { pods: [pod], kube })).toEqual(['warn Pod app-1: Unhealthy, Readiness probe failed']);
});

test('who may not read events is told what the objects themselves say', async () => {
  const kube = fakeKube([], {
    list: async () => {
      throw new UserError('KUBE_FORBIDDEN', 'events are forbidden');
    },
  });
  expect(await look(8, { object: refused, kube })).toHaveLength(1);
});
