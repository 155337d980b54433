import { expect, test } from 'vitest';
import { createDiscovery } from '../../../src/kube/discovery.ts';
import type { Rest } from '../../../src/kube/rest.ts';
import { useTestApi } from '../../helpers/kube-of-api.ts';
import { unusable } from '../../helpers/unusable.ts';

const { signal } = new AbortController();
const kinds = [
  'ConfigMap',
  'Event',
  'Namespace',
  'PersistentVolumeClaim',
  'Pod',
  'Secret',
  'Service',
  'ServiceAccount',
];

test('kinds that every cluster has are not looked up, and are what the cluster says of them', async () => {
  const { api } = await useTestApi();
  const { resources = [] } = (await api.request('GET', '/api/v1')).body;
  const discover = createDiscovery(unusable<Rest>('Rest', {}));
  for (const kind of kinds) {
    const told = resources.find(
      (resource) => resource['kind'] === kind && !/\//.test(JSON.stringify(resource['name'])),
    );
    const expected = { base: '/api/v1', plural: told?.['name'], namespaced: told?.['namespaced'] };
    expect(await discover({ apiVersion: 'v1', kind }, signal), kind).toEqual(expected);
  }
});

test('a kind of the same name in another group is looked up, and once', async () => {
  const asked: string[] = [];
  const rest = unusable<Rest>('Rest', {
    send: async ({ path }) => {
      asked.push(path);
      return JSON.stringify({ resources: [{ name: 'knativeservices', kind: 'Service', namespaced: true }] });
    },
  });
  const discover = createDiscovery(rest);
  const kind = { apiVersion: 'serving.knative.dev/v1', kind: 'Service' };
  const expected = { base: '/apis/serving.knative.dev/v1', plural: 'knativeservices', namespaced: true };
  expect([await discover(kind, signal), await discover(kind, signal)]).toEqual([expected, expected]);
  expect(asked).toEqual(['/apis/serving.knative.dev/v1']);
});
