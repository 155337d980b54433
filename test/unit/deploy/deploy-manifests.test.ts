import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { deployManifests, purgeManifests } from '../../../src/deploy/deploy-manifests.ts';
import type { DeployRun } from '../../../src/deploy/deploy-run.ts';
import { pruneStale } from '../../../src/deploy/record/prune.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { fakeKube } from '../../helpers/fake-kube.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

const { signal } = new AbortController();
const map = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const planned = (...names: string[]) => ({
  kind: 'objects' as const,
  name: 'settings',
  objects: names.map(map),
  updateImageTags: true,
  imageWords: 'kept' as const,
  patches: [],
  forceConflicts: false,
});

function bench(more: Partial<KubeClient> = {}) {
  const fake = fakeKube([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev' } }], more);
  const log = recordingLog();
  const run: DeployRun = {
    kube: fake.kube,
    log,
    signal,
    project: 'shop',
    conflicts: 'fail',
    redeploy: 'when changed',
    env: {},
  };
  const deploy = async (...names: string[]) => {
    const deployed = await deployManifests(planned(...names), [], run);
    await pruneStale([deployed], run);
    return deployed;
  };
  const applied = () => fake.calls.filter((call) => /^(apply|delete) /.test(call) && !call.includes('devspace.'));
  return { fake, log, run, deploy, applied };
}

test('the second time nothing is applied, and the objects are given as they are', async () => {
  const { deploy, applied, log } = bench();
  await deploy('a', 'b');
  const before = applied();
  expect(before).toEqual(['apply ConfigMap a', 'apply ConfigMap b']);
  const { objects } = await deploy('a', 'b');
  expect(applied()).toEqual(before);
  expect(objects.map(({ metadata: { name } }) => name)).toEqual(['a', 'b']);
  expect(log.lines.at(-1)).toBe('info Skipped settings: 2 objects unchanged; --force-deploy deploys anyway');
});

test('a run that is cut off is picked up, and what it had made is tidied up', async () => {
  const { deploy, applied, fake, log } = bench();
  const { apply } = fake.kube;
  const cutOff = fakeKube(fake.objects, {
    apply: async (object, options) => {
      if (object.metadata.name === 'b') throw new UserError('KUBE_UNREACHABLE', 'gone');
      return apply(object, options);
    },
  });
  const run: DeployRun = {
    kube: cutOff.kube,
    log,
    signal,
    project: 'shop',
    conflicts: 'fail',
    redeploy: 'when changed',
    env: {},
  };
  expect(await errorOf(deployManifests(planned('a', 'b'), [], run))).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  await deploy('c');
  expect(log.lines).toContain('info Deploying settings: the run before did not come to its end');
  expect(applied()).toEqual(['apply ConfigMap a', 'apply ConfigMap c', 'delete ConfigMap a']);
  await deploy('c');
  expect(log.lines.at(-1)).toContain('Skipped');
});

test('a role that may keep no record deploys each time, and is told why', async () => {
  const denied = async (): Promise<never> => Promise.reject(new UserError('KUBE_FORBIDDEN', 'no'));
  const open = fakeKube();
  const { deploy, log } = bench({
    apply: (object, options) =>
      object.metadata.name.startsWith('devspace.') ? denied() : open.kube.apply(object, options),
  });
  await deploy('a');
  await deploy('a');
  expect(open.calls).toEqual(['apply ConfigMap a', 'apply ConfigMap a']);
  expect(log.lines.join('\n')).toContain('warn Your account may not write ConfigMaps');
});

test('purging deletes also what earlier manifests had, and forgets the deployment', async () => {
  const { deploy, fake, run } = bench();
  await deploy('a', 'b');
  const deleted = await purgeManifests(planned('a'), run);
  expect(deleted.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(fake.objects.map(({ kind }) => kind)).toEqual(['Namespace']);
});

test('neighbours of one kind are applied at the same time, at most eight; kinds keep their order', async () => {
  const seen = { now: 0, most: 0, order: [] as string[] };
  const { run } = bench({
    async apply(object) {
      if (object.metadata.name.startsWith('devspace.')) return object;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.now -= 1;
      seen.order.push(object.kind);
      return object;
    },
  });
  const secret = (name: string): KubeObject => ({ ...map(name), kind: 'Secret' });
  const objects = [
    map('first'),
    secret('a'),
    secret('b'),
    ...Array.from({ length: 20 }, (_, index) => map(`m${index}`)),
  ];
  const { objects: applied } = await deployManifests({ ...planned(), objects }, [], run);
  expect(seen.most).toBe(8);
  expect(seen.order).toEqual(objects.map(({ kind }) => kind));
  expect(applied.map(({ metadata: { name } }) => name)).toEqual(objects.map(({ metadata: { name } }) => name));
});
