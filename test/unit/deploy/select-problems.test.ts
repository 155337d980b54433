import { describe, expect, test } from 'vitest';
import { type NamespaceState, selectProblems } from '../../../src/deploy/select-problems.ts';
import type { KubeObject, Pod } from '../../../src/kube/objects.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

const podOf = (name: string, status: object, more: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more },
  spec: { containers: [] },
  status,
});
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const notReady = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };

const warning = (kind: string, name: string, minutes: number, message = 'probe failed'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.1` },
  type: 'Warning',
  reason: 'Unhealthy',
  message,
  count: 3,
  lastTimestamp: ago(minutes),
  involvedObject: { kind, name },
});

const deployment = (status: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, ...status },
});

const select = (state: Partial<NamespaceState>, restarts: 'count' | 'ignore' = 'count') => {
  const { problems, unsettled } = selectProblems({ pods: [], workloads: [], events: [], now, ...state }, restarts);
  return {
    said: problems.map(({ kind, name, reason, message }) => `${kind} ${name} ${reason}: ${message}`),
    unsettled,
  };
};

test('a pod that is ready, has finished or is about to go is no problem', () => {
  const going = podOf('going', notReady, { deletionTimestamp: ago(1) });
  const pods = [podOf('a', ready), podOf('done', { phase: 'Succeeded' }), going];
  expect(select({ pods })).toEqual({ said: [], unsettled: ['going'] });
});

test('a pod that is not ready says why by its newest warning; an old one does not count', () => {
  const pods = [podOf('a', notReady)];
  const events = [warning('Pod', 'a', 20, 'older'), warning('Pod', 'a', 1), warning('Pod', 'b', 1)];
  expect(select({ pods, events })).toEqual({ said: ['Pod a Unhealthy: probe failed (3 times)'], unsettled: [] });
  expect(select({ pods, events: [warning('Pod', 'a', 31)] })).toEqual({ said: [], unsettled: ['a'] });
});

test('a young pod that the cluster warns of may still come up', () => {
  const events = [warning('Pod', 'a', 0)];
  const pods = [podOf('a', notReady, { creationTimestamp: new Date(now - 5_000).toISOString() })];
  expect(select({ pods, events })).toEqual({ said: ['Pod a Unhealthy: probe failed (3 times)'], unsettled: ['a'] });
});

test('a pod that was evicted', () => {
  const pods = [podOf('a', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })];
  expect(select({ pods }).said).toEqual(['Pod a Evicted: The node was low on resource: memory.']);
});

describe('a container that started anew', () => {
  const restarted = (minutes: number) => [
    podOf('a', {
      ...ready,
      containerStatuses: [
        {
          name: 'web',
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { exitCode: 137, finishedAt: ago(minutes) } },
        },
      ],
    }),
  ];

  test('within two hours is told with its exit code', () => {
    expect(select({ pods: restarted(119) }).said).toEqual([
      `Pod a Restarted: container web started anew 2 times, last after exit code 137 at ${ago(119)}`,
    ]);
  });

  test('before that, or where nobody wants to know, is not', () => {
    expect(select({ pods: restarted(121) }).said).toEqual([]);
    expect(select({ pods: restarted(1) }, 'ignore').said).toEqual([]);
  });
});

describe('a workload that gets no pod', () => {
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'exceeded quota: small',
  };

  test('says why by its condition, once, whoever else has it', () => {
    const replicaSet = {
      ...deployment({ conditions: [condition] }),
      kind: 'ReplicaSet',
      metadata: { name: 'app-1', generation: 1, ownerReferences: [{ name: 'app' }] },
    };
    expect(select({ workloads: [deployment({ conditions: [condition] }), replicaSet] }).said).toEqual([
      'Deployment app FailedCreate: exceeded quota: small',
    ]);
  });

  test('or by an event', () => {
    const events = [warning('Deployment', 'app', 1, 'forbidden')];
    expect(select({ workloads: [deployment({})], events }).said).toEqual([
      'Deployment app Unhealthy: forbidden (3 times)',
    ]);
    expect(select({ workloads: [deployment({})] }).said).toEqual([]);
  });

  test('a job that failed', () => {
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate' },
      status: { conditions: [{ type: 'Failed', status: 'True', message: 'Job has reached the backoff limit' }] },
    };
    expect(select({ workloads: [job] }).said).toEqual(['Job migrate Failed: Job has reached the backoff limit']);
  });
});
