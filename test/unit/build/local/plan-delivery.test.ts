import { expect, test } from 'vitest';
import { type DeliveryFacts, planDelivery } from '../../../../src/build/local/plan-delivery.ts';
import type { LocalCluster } from '../../../../src/kube/local-cluster.ts';

const plan = (local: LocalCluster | undefined, facts: Partial<DeliveryFacts> = {}) =>
  planDelivery(local, { wish: 'where needed', engine: 'another', loader: 'missing', ...facts });

const kind = { kind: 'kind', name: 'dev' } as const;

test('a cluster elsewhere gets its images by a push, unless the flag forbids it', () => {
  expect(plan(undefined)).toEqual({ delivery: 'push' });
  expect(plan(undefined, { wish: 'keep local' })).toEqual({ delivery: 'keep local' });
});

test('a cluster on the same engine has them already', () => {
  const words = 'Images are not pushed: the cluster docker-desktop runs on the engine that builds them';
  expect(plan({ kind: 'shared', name: 'docker-desktop' })).toEqual({ delivery: 'keep local', words });
  expect(plan({ kind: 'minikube', name: 'm' }, { engine: 'of the cluster' }).delivery).toBe('keep local');
});

test.each([
  [kind, 'kind load docker-image --name dev'],
  [{ kind: 'k3d', name: 'dev' } as const, 'k3d image import --cluster dev'],
  [{ kind: 'minikube', name: 'dev' } as const, 'minikube image load --profile dev'],
])('%o loads them with its own program, also where the flag forbids a push', (local, call) => {
  for (const wish of ['where needed', 'keep local'] as const) {
    const { delivery, words } = plan(local, { loader: 'installed', wish });
    expect(words).toBe(`Images are not pushed: ${local.kind} loads them into the cluster dev`);
    if (typeof delivery === 'string') throw new Error(delivery);
    expect([delivery.program, ...delivery.args].join(' ')).toBe(call);
  }
});

test('without that program they are pushed, and why is told', () => {
  expect(plan(kind)).toEqual({
    delivery: 'push',
    words: 'Images are pushed: kind, which could load them into the cluster dev, is not installed',
  });
  expect(plan(kind, { wish: 'keep local' })).toEqual({ delivery: 'keep local' });
});

test('the flag can ask for a push also where the cluster is local', () => {
  expect(plan({ kind: 'shared', name: 'orbstack' }, { wish: 'push' })).toEqual({ delivery: 'push' });
  expect(plan(kind, { wish: 'push', loader: 'installed' })).toEqual({ delivery: 'push' });
});
