import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { comparable } from '../../../src/workflows/comparable-object.ts';

const object = (kind: string, data: object, annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', uid: '1', resourceVersion: '2', managedFields: [], ...(annotations ? { annotations } : {}) },
  data,
  status: { phase: 'x' },
});

test('what the cluster keeps for itself does not count', () => {
  const [before, after] = comparable(object('ConfigMap', { a: '1' }), undefined);
  expect(before).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' } });
  expect(after).toBe('');
});

test('of a secret only which entries change can be seen', () => {
  const copy = { 'kubectl.kubernetes.io/last-applied-configuration': 'c2VjcmV0', mine: 'yes' };
  const sides = comparable(
    object('Secret', { same: 'c2FtZQ==', changed: 'b2xk', gone: 'Z29uZQ==' }, copy),
    object('Secret', { same: 'c2FtZQ==', changed: 'bmV3', fresh: 'ZnJlc2g=' }),
  );
  expect(sides).toMatchObject([
    {
      metadata: { annotations: { mine: 'yes' } },
      data: { same: '***', changed: '*** (before)', gone: '*** (before)' },
    },
    { data: { same: '***', changed: '*** (after)', fresh: '*** (after)' } },
  ]);
  for (const text of ['c2FtZQ==', 'b2xk', 'bmV3', 'Z29uZQ==', 'ZnJlc2g=', 'c2VjcmV0']) {
    expect(JSON.stringify(sides)).not.toContain(text);
  }
});
