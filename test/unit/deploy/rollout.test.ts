import { expect, test } from 'vitest';
import { podSelector, rolloutOf } from '../../../src/deploy/rollout.ts';

const object = (kind: string, spec: object, status: object | undefined, generation = 2) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'a', generation },
  spec,
  ...(status ? { status } : {}),
});

const seen = { observedGeneration: 2 };
const complete = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const daemons = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 3 };
const condition = (type: string, more: object = {}) => ({ conditions: [{ type, status: 'True', ...more }] });

/** kind, spec, status → begun, complete, text */
const table: readonly (readonly [string, string, object, object | undefined, readonly [boolean, boolean, string]])[] = [
  ['not yet seen', 'Deployment', { replicas: 2 }, undefined, [false, false, 'not yet seen by its controller']],
  [
    'seen in an older version',
    'Deployment',
    { replicas: 2 },
    { ...complete, observedGeneration: 1 },
    [false, false, 'not yet seen by its controller'],
  ],
  [
    'nothing new yet',
    'Deployment',
    { replicas: 2 },
    { ...seen, replicas: 2, readyReplicas: 2, availableReplicas: 2 },
    [false, false, '0 of 2 ready'],
  ],
  [
    'half new',
    'Deployment',
    { replicas: 2 },
    { ...complete, updatedReplicas: 1, replicas: 3 },
    [true, false, '1 of 2 ready'],
  ],
  ['an old pod left', 'Deployment', { replicas: 2 }, { ...complete, replicas: 3 }, [true, false, '2 of 2 ready']],
  [
    'not ready',
    'Deployment',
    { replicas: 2 },
    { ...complete, readyReplicas: 1, availableReplicas: 1 },
    [true, false, '1 of 2 ready'],
  ],
  [
    'ready, not yet available',
    'Deployment',
    { replicas: 2 },
    { ...complete, availableReplicas: 1 },
    [true, false, '2 of 2 ready'],
  ],
  ['complete', 'Deployment', { replicas: 2 }, complete, [true, true, '2 of 2 ready']],
  [
    'one by default',
    'Deployment',
    {},
    { ...seen, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    [true, true, '1 of 1 ready'],
  ],
  ['none wanted', 'Deployment', { replicas: 0 }, seen, [true, true, '0 of 0 ready']],
  [
    'not begun',
    'StatefulSet',
    { replicas: 2 },
    { ...seen, replicas: 2, readyReplicas: 2, updatedReplicas: 0 },
    [false, false, '0 of 2 ready'],
  ],
  [
    'complete',
    'StatefulSet',
    { replicas: 2 },
    { ...seen, replicas: 2, readyReplicas: 2, updatedReplicas: 2 },
    [true, true, '2 of 2 ready'],
  ],
  [
    'replaced by hand',
    'StatefulSet',
    { replicas: 1, updateStrategy: { type: 'OnDelete' } },
    { ...seen, replicas: 1, readyReplicas: 1 },
    [true, true, '1 of 1 ready'],
  ],
  ['on two of three nodes', 'DaemonSet', {}, { ...daemons, numberReady: 2 }, [true, false, '2 of 3 ready']],
  ['on all nodes', 'DaemonSet', {}, daemons, [true, true, '3 of 3 ready']],
  ['no node fits', 'DaemonSet', {}, { ...seen, desiredNumberScheduled: 0 }, [true, true, '0 of 0 ready']],
  ['complete', 'ReplicaSet', { replicas: 1 }, { ...seen, replicas: 1, readyReplicas: 1 }, [true, true, '1 of 1 ready']],
  ['running', 'Job', { completions: 3 }, { succeeded: 1 }, [true, false, '1 of 3 completed']],
  ['complete', 'Job', {}, { succeeded: 1, ...condition('Complete') }, [true, true, '1 of 1 completed']],
  ['pending', 'Pod', {}, { phase: 'Pending' }, [true, false, 'Pending']],
  ['ready', 'Pod', {}, { phase: 'Running', ...condition('Ready') }, [true, true, 'Running']],
  ['ended', 'Pod', {}, { phase: 'Succeeded' }, [true, true, 'Succeeded']],
  ['applied', 'ConfigMap', {}, undefined, [true, true, 'applied']],
  ['applied', 'CronJob', {}, undefined, [true, true, 'applied']],
];

test.each(table)('%s: a %s', (_name, kind, spec, status, [begun, done, text]) => {
  expect(rolloutOf(object(kind, spec, status))).toEqual({ begun, complete: done, text });
});

test('a failed job can never become complete', () => {
  const failed = condition('Failed', { reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' });
  expect(rolloutOf(object('Job', {}, failed))).toMatchObject({ complete: false, failed: 'Job has reached the limit' });
});

test('the pods of a workload are found by its labels', () => {
  const selector = { matchLabels: { app: 'a', tier: 'web' } };
  expect(podSelector(object('Deployment', { selector }, undefined))).toBe('app=a,tier=web');
  expect(podSelector(object('Service', { selector: { app: 'a' } }, undefined))).toBeUndefined();
});
