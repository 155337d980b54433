import { expect, test } from 'vitest';
import { finalObjects } from '../../../src/deploy/final-objects.ts';
import type { PlannedObjects } from '../../../src/deploy/planned-deployment.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { mine: 'yes' } },
  spec: { containers: [{ name: 'web', image: 'me/web', args: ['a'] }] },
});
const images = [{ name: 'web', image: 'me/web', tag: 'new' }];
const planned = (patches: PlannedObjects['patches']): PlannedObjects => ({
  kind: 'objects',
  name: 'web',
  objects: [pod('one'), pod('two')],
  updateImageTags: true,
  imageWords: 'kept',
  patches,
  forceConflicts: false,
});

test('patches change the objects that they name, after the images and in their order', () => {
  const target = { kind: 'Pod', name: 'one' };
  const [one, two] = finalObjects(
    planned([
      { target, op: 'replace', path: 'spec.containers[0].image', value: 'me/web:mine' },
      { target, op: 'add', path: '/spec/containers/0/args/-', value: '${runtime.images.web}' },
      { target, op: 'remove', path: 'metadata.labels.mine' },
      { target: { name: 'two', apiVersion: 'v2' }, op: 'remove', path: 'spec' },
    ]),
    images,
    { project: 'shop', deployment: 'web' },
  );
  expect(one).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'one', labels: { 'devspace.sh/deployment': 'shop.web' } },
    spec: { containers: [{ name: 'web', image: 'me/web:mine', args: ['a', 'me/web:new'] }] },
  });
  expect(two).toMatchObject({ spec: { containers: [{ image: 'me/web:new' }] }, metadata: { labels: { mine: 'yes' } } });
});
