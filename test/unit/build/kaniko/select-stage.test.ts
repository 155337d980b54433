import { expect, test } from 'vitest';
import { selectStage } from '../../../../src/build/kaniko/select-stage.ts';
import type { ContainerState, Pod, PodStatus } from '../../../../src/kube/objects.ts';

const pod = (status: PodStatus, deletionTimestamp?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'b', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  spec: { containers: [] },
  status,
});
const of = (name: string, state: ContainerState) => [{ name, ready: false, restartCount: 0, state }];
const context = (state: ContainerState) => ({ initContainerStatuses: of('context', state) });
const kaniko = (state: ContainerState) => ({ containerStatuses: of('kaniko', state) });
const pulling = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };

test.each<[string, PodStatus, object]>([
  ['is new', {}, { kind: 'waits', text: 'Pending' }],
  [
    'fits on no node yet',
    { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }] },
    { kind: 'waits', text: 'Unschedulable, 0/3 nodes' },
  ],
  ['waits for the context', { phase: 'Pending', ...context({ running: {} }) }, { kind: 'wants context' }],
  [
    'has the context',
    { phase: 'Pending', ...context({ terminated: { exitCode: 0, reason: 'Completed' } }) },
    { kind: 'waits', text: 'Completed' },
  ],
  ['builds', { phase: 'Running', ...kaniko({ running: {} }) }, { kind: 'builds' }],
  ['has built', { phase: 'Succeeded', ...kaniko({ terminated: { exitCode: 0 } }) }, { kind: 'ended', exitCode: 0 }],
  ['has failed', { phase: 'Failed', ...kaniko({ terminated: { exitCode: 1 } }) }, { kind: 'ended', exitCode: 1 }],
  ['cannot pull', kaniko(pulling), { kind: 'broken', text: 'ImagePullBackOff, container kaniko: no such image' }],
  [
    'got no context',
    { phase: 'Failed', ...context({ terminated: { exitCode: 1, reason: 'Error' } }) },
    { kind: 'broken', text: 'Error, container context ended with exit code 1' },
  ],
  [
    'was evicted',
    { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource' },
    { kind: 'broken', text: 'Evicted, The node was low on resource' },
  ],
])('a pod that %s', (_what, status, expected) => {
  expect(selectStage(pod(status))).toEqual(expected);
});

test('a pod that somebody deletes does not build any more, unless it has ended before', () => {
  expect(selectStage(pod(kaniko({ running: {} }), 'now'))).toEqual({ kind: 'broken', text: 'somebody deleted it' });
  expect(selectStage(pod(kaniko({ terminated: { exitCode: 0 } }), 'now'))).toEqual({ kind: 'ended', exitCode: 0 });
});
