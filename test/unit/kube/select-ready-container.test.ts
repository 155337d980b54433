import { expect, test } from 'vitest';
import type { Pod } from '../../../src/kube/objects.ts';
import { selectReadyContainer } from '../../../src/kube/select-ready-container.ts';

const query = { namespace: 'default', labelSelector: { app: 'web' } };

function pod(name: string, second: number, state: 'ready' | 'running' | 'waiting'): Pod {
  const running = state === 'waiting' ? { waiting: { reason: 'ContainerCreating' } } : { running: {} };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
    spec: { containers: [{ name: 'app', image: 'registry.example/web:1' }] },
    status: { containerStatuses: [{ name: 'app', ready: state === 'ready', restartCount: 0, state: running }] },
  };
}

const chosen = (pods: readonly Pod[]) => selectReadyContainer(pods, query).selection.found?.pod;

test('takes the newest ready pod, though newer ones are not ready', () => {
  const pods = [pod('a', 1, 'ready'), pod('b', 2, 'ready'), pod('c', 3, 'running'), pod('d', 4, 'waiting')];
  expect(chosen(pods)).toBe('b');
  expect(selectReadyContainer(pods, query).candidates).toBe(3);
});

test('takes the newest running pod if none is ready', () => {
  expect(chosen([pod('a', 1, 'running'), pod('b', 2, 'running'), pod('c', 3, 'waiting')])).toBe('b');
});

test('chooses the same pod among equals, in whatever order they come', () => {
  const pods = [pod('b', 1, 'ready'), pod('a', 1, 'ready')];
  expect([chosen(pods), chosen(pods.toReversed())]).toEqual(['a', 'a']);
});

test('passes over a pod that is about to go', () => {
  const leaving = pod('b', 2, 'ready');
  const metadata = { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:01:00Z' };
  expect(chosen([pod('a', 1, 'ready'), { ...leaving, metadata }])).toBe('a');
});

test('says why nothing fits', () => {
  const { selection, candidates } = selectReadyContainer([pod('a', 1, 'waiting')], query);
  expect(selection).toMatchObject({ found: undefined, why: expect.stringContaining('pod a is not running') });
  expect(candidates).toBe(0);
});

test('counts only pods that run the image', () => {
  const other: Pod = { ...pod('b', 2, 'ready'), spec: { containers: [{ name: 'app', image: 'other:1' }] } };
  const byImage = { ...query, imageRepository: 'registry.example/web' };
  expect(selectReadyContainer([pod('a', 1, 'ready'), other], byImage).selection.found?.pod).toBe('a');
});
