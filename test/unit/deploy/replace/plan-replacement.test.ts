import { describe, expect, test } from 'vitest';
import type { ContainerReplacement, PodReplacement } from '../../../../src/config/types.ts';
import { restartHelper, waitingRestartHelper } from '../../../../src/core/restart-helper.ts';
import { planReplacement } from '../../../../src/deploy/replace/plan-replacement.ts';
import { selectWorkload, type Workload } from '../../../../src/deploy/replace/workload.ts';

const probe = { httpGet: { port: 80 } };
const web = {
  name: 'web',
  image: 'me/web:1',
  args: ['serve'],
  readinessProbe: probe,
  env: [{ name: 'A', value: '1' }],
};

const workload = (more: Partial<Workload['spec']> = {}, kind = 'Deployment', name = 'shop'): Workload => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'n', uid: 'u1' },
  spec: {
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop', tier: 'front' } },
      spec: { containers: [web, { name: 'side', image: 'side' }] },
    },
    ...more,
  },
});

const change = (more: Partial<ContainerReplacement>): PodReplacement => ({
  name: 'shop',
  target: { labelSelector: { app: 'shop' } },
  containers: [{ env: [], isIdle: false, isSynced: false, start: 'itself', ...more }],
  patches: [],
});

const context = { project: 'p', images: [{ name: 'web', image: 'me/web', tag: 'abc' }] };

interface Planned {
  readonly metadata: object;
  readonly spec: { readonly selector: object; readonly template: Workload['spec']['template'] };
}
const plan = (replacement: PodReplacement, of = workload()) =>
  planReplacement(of, replacement, context) as never as Planned;
const container = (more: Partial<ContainerReplacement>) => plan(change(more)).spec.template.spec.containers[0];

describe('the Deployment that takes the place', () => {
  test('has the labels of the pods and one more, and belongs to the workload', () => {
    const { metadata, spec } = plan(change({ image: 'dev' }));
    const own = { 'devspace.sh/replaced': 'true', 'devspace.sh/replacement': 'shop-devspace' };
    expect(metadata).toMatchObject({
      name: 'shop-devspace',
      ownerReferences: [{ kind: 'Deployment', name: 'shop', uid: 'u1' }],
    });
    expect(spec.selector).toEqual({ matchLabels: { app: 'shop', ...own } });
    expect(spec.template.metadata?.labels).toEqual({ app: 'shop', tier: 'front', ...own });
    expect(spec.template.metadata?.annotations).toEqual({ 'devspace.sh/images': '{"web":"me/web:1","side":"side"}' });
  });

  test('has a name of at most 63 letters, which differs for each workload', () => {
    const names = ['a', 'b'].map((end) => {
      const long = workload({}, 'Deployment', `${'x'.repeat(60)}${end}`);
      return planReplacement(long, change({ image: 'dev' }), context).metadata.name;
    });
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(52);
  });

  test.each<[string, Partial<ContainerReplacement>, object]>([
    [
      'an image, and the tag of this run',
      { image: 'me/web' },
      { name: 'web', image: 'me/web:abc', args: ['serve'], env: web.env },
    ],
    ['an image by its name in the file', { image: 'image(web):tag(web)' }, { image: 'me/web:abc' }],
    ['a command without the old arguments', { command: ['run'] }, { command: ['run'], args: [] }],
    [
      'a command that can be started anew',
      { command: ['run'], start: 'restartable' },
      { command: [...restartHelper, 'run'] },
    ],
    ['a command that waits', { command: ['run'], start: 'after sync' }, { command: [...waitingRestartHelper, 'run'] }],
    ['arguments alone', { args: ['x'] }, { args: ['x'], readinessProbe: probe }],
    ['nothing that runs', { isIdle: true }, { command: ['sleep', '1000000000'], args: [] }],
    [
      'environment',
      {
        env: [
          { name: 'A', value: '2' },
          { name: 'B', value: '3' },
        ],
      },
      {
        env: [
          { name: 'A', value: '2' },
          { name: 'B', value: '3' },
        ],
        readinessProbe: probe,
      },
    ],
    ['resources', { resources: { limits: { cpu: '1' } } }, { resources: { limits: { cpu: '1' } } }],
  ])('has %s', (_, more, expected) => {
    expect(container(more)).toMatchObject(expected);
  });

  test('has no probes for a program that they were not made for', () => {
    expect(container({ isIdle: true })).not.toHaveProperty('readinessProbe');
    expect(container({ workingDir: '/app' })).not.toHaveProperty('readinessProbe');
  });

  test('may be written into where files are synchronised', () => {
    const securityContext = { readOnlyRootFilesystem: true, runAsUser: 1 };
    const safe = workload({ template: { spec: { containers: [{ ...web, securityContext }] } } });
    const of = (isSynced: boolean) =>
      plan(change({ workingDir: '/', isSynced }), safe).spec.template.spec.containers[0];
    expect(of(true)).toMatchObject({ securityContext: { runAsUser: 1 } });
    expect(of(true)?.securityContext).not.toHaveProperty('readOnlyRootFilesystem');
    expect(of(false)?.securityContext).toEqual(securityContext);
  });

  test('changes the container that is named, and is patched last', () => {
    const patches = [{ op: 'replace', path: 'spec.containers[1].image', value: 'patched' }];
    const { template } = plan({ ...change({ containerName: 'side', image: 'dev' }), patches }).spec;
    expect(template.spec.containers).toEqual([
      { ...web, image: 'me/web:abc' },
      { name: 'side', image: 'patched' },
    ]);
    const wrong = { ...change({}), patches: [{ op: 'remove', path: '/spec/nowhere' }] };
    expect(() => plan(wrong)).toThrow(/dev\.shop\.patches: the patch of \/spec\/nowhere cannot be applied/);
  });

  test('keeps the name and the volumes of the first pod of a StatefulSet', () => {
    const claims = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } }];
    const set = workload({ volumeClaimTemplates: claims, serviceName: 'shops' }, 'StatefulSet');
    expect(plan(change({ image: 'dev' }), set).spec.template.spec).toMatchObject({
      hostname: 'shop-0',
      subdomain: 'shops',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-shop-0' } }],
    });
  });
});

describe('the workload whose pods are replaced', () => {
  const owned = { ...workload(), metadata: { name: 'owned', ownerReferences: [{ controller: true }] } };
  const replaced = { ...workload(), metadata: { name: 'a', labels: { 'devspace.sh/replaced': 'true' } } };
  const set = workload({}, 'StatefulSet', 'a-set');
  const all = [set, owned, replaced, workload({}, 'ReplicaSet', 'b'), workload(), workload({}, 'Deployment', 'z')];

  test.each<[Parameters<typeof selectWorkload>[1], string | undefined]>([
    [{ labelSelector: { tier: 'front' } }, 'shop'],
    [{ labelSelector: {}, imageRepository: 'me/web' }, 'shop'],
    [{ labelSelector: { tier: 'front' }, imageRepository: 'other' }, undefined],
    [{ labelSelector: { tier: 'back' } }, undefined],
  ])('%j is %s', (query, name) => {
    expect(selectWorkload(all, query)?.metadata.name).toBe(name);
  });

  test('is a StatefulSet where nothing else fits, and never a part of something', () => {
    expect(selectWorkload([set, owned, replaced], { labelSelector: {} })).toBe(set);
  });
});
