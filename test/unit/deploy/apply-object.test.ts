import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { applyObject, withoutTakenReplicas } from '../../../src/deploy/apply-object.ts';
import type { ApplyOptions, KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { fakeKube } from '../../helpers/fake-kube.ts';

const { signal } = new AbortController();
const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: { replicas: 3 },
};
const options: ApplyOptions = { defaultNamespace: 'dev', conflicts: 'fail', signal };

/** A cluster in which these managers own the number of pods. */
function owned(managers: readonly string[]): { readonly kube: KubeClient; readonly asked: string[] } {
  const asked: string[] = [];
  const words = managers.map((manager) => `conflict with "${manager}" using apps/v1: .spec.replicas`).join('\n');
  const { kube } = fakeKube([], {
    apply: async (applied, { conflicts }) => {
      asked.push(conflicts);
      if (conflicts === 'fail') throw new UserError('KUBE_CONFLICT', `Apply failed with conflicts: ${words}`);
      return applied;
    },
  });
  return { kube, asked };
}

test('what development owns is taken back, and nothing of another', async () => {
  const own = owned(['devspace-dev']);
  expect(await applyObject(own.kube, object, options)).toBe(object);
  expect(own.asked).toEqual(['fail', 'take']);
  const other = owned(['devspace-dev', 'kubectl']);
  expect((await userErrorOf(applyObject(other.kube, object, options))).code).toBe('KUBE_CONFLICT');
  expect(other.asked).toEqual(['fail']);
});

test('the number of pods is left alone where they are replaced', async () => {
  const replacement = {
    ...object,
    metadata: {
      name: 'a-devspace',
      namespace: 'dev',
      labels: { 'devspace.sh/replaced': 'true' },
      annotations: { 'devspace.sh/parent-kind': 'Deployment', 'devspace.sh/parent-name': 'a' },
    },
  };
  const { kube } = fakeKube([replacement]);
  const other = { ...object, metadata: { name: 'b' } };
  const plain = { ...object, apiVersion: 'v1', kind: 'ConfigMap' };
  expect(await withoutTakenReplicas([object, other, plain], 'dev', { kube, signal })).toEqual([
    { ...object, spec: {} },
    other,
    plain,
  ]);
});
