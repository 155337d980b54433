import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { nullLog } from '../../../src/core/log.ts';
import { writeRecord } from '../../../src/deploy/record/record.ts';
import { deploymentStatus } from '../../../src/workflows/deployment-status.ts';
import { fakeKube } from '../../helpers/fake-kube.ts';

const { signal } = new AbortController();
const deployments = [{ name: 'done' }, { name: 'begun' }, { name: 'new' }, { name: 'away', namespace: 'other' }];

test('the records of the cluster say what became of each deployment of the project', async () => {
  const { kube } = fakeKube();
  const run = { kube, log: nullLog, signal } as Parameters<typeof writeRecord>[2];
  const nothing = { objects: [], stale: [] };
  await writeRecord({ project: 'shop', deployment: 'done', namespace: 'dev' }, { hash: 'x', ...nothing }, run);
  await writeRecord({ project: 'shop', deployment: 'begun', namespace: 'dev' }, nothing, run);
  await writeRecord({ project: 'others', deployment: 'new', namespace: 'dev' }, { hash: 'x', ...nothing }, run);

  const status = await deploymentStatus({ project: 'shop', deployments, kube: async () => kube, signal });

  expect(Object.fromEntries(status)).toEqual({
    done: 'deployed',
    begun: 'unfinished',
    new: 'not deployed',
    away: 'not deployed',
  });
});

test('without a cluster nothing is known, and that is no failure', async () => {
  const kube = async () => Promise.reject(new UserError('KUBE_CONFIG', 'there is none'));
  const status = await deploymentStatus({ project: 'shop', deployments, kube, signal });
  expect([...status.values()]).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
});

test('a run that is cancelled ends', async () => {
  const kube = async () => Promise.reject(new UserError('KUBE_CONFIG', 'there is none'));
  const asked = deploymentStatus({ project: 'shop', deployments, kube, signal: AbortSignal.abort() });
  await expect(asked).rejects.toThrow('aborted');
});
