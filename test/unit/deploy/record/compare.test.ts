import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '../../../../src/core/process-identity.ts';
import {
  ownedFields,
  reasonOfObjects,
  reasonOfRecord,
  refKey,
  staleObjects,
  toRecorded,
  wasCutOff,
} from '../../../../src/deploy/record/compare.ts';
import type { DeploymentRecord } from '../../../../src/deploy/record/record.ts';
import type { KubeObject } from '../../../../src/kube/objects.ts';

const ref = (name: string, apiVersion = 'apps/v1') => ({ apiVersion, kind: 'Deployment', name, namespace: 'n' });
const by = { ...thisProcess(), host: hostname() };
const record = (more: Partial<DeploymentRecord> = {}): DeploymentRecord => ({ objects: [], stale: [], by, ...more });

const live = (fields: object, manager = 'devspace'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'a',
    managedFields: [
      { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:status': {} } },
      { manager, operation: 'Apply', fieldsV1: fields },
    ],
  },
});

describe('why something is deployed', () => {
  test.each([
    [undefined, 'when changed', 'for the first time'],
    [record(), 'when changed', 'the run before did not come to its end'],
    [record({ hash: 'other' }), 'when changed', 'it has changed'],
    [record({ hash: 'same' }), 'always', 'as asked for'],
    [record({ hash: 'same' }), 'when changed', undefined],
  ] as const)('%j, %s: %s', (known, redeploy, reason) => {
    expect(reasonOfRecord({ record: known, hash: 'same', redeploy })).toBe(reason);
  });

  test('an object is missing, is going, or has lost a field of ours to another', () => {
    const object = live({ 'f:spec': { 'f:replicas': {} } });
    const recorded = [toRecorded(object, ref('a'))];
    expect(reasonOfObjects(recorded, [object])).toBeUndefined();
    expect(reasonOfObjects(recorded, [undefined])).toBe('Deployment a (namespace n) is missing');
    const going = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(reasonOfObjects(recorded, [going])).toContain('is missing');
    expect(reasonOfObjects(recorded, [live({ 'f:spec': {} })])).toContain('was changed by another');
    expect(reasonOfObjects(recorded, [live({ 'f:spec': { 'f:replicas': {} } }, 'other')])).toContain('was changed');
    expect(ownedFields(live({}, 'other'))).toBeUndefined();
    expect(reasonOfObjects([ref('a')], [live({}, 'other')])).toBeUndefined();
  });
});

test('the number of pods that development has taken is still ours', () => {
  const applied = live({ 'f:metadata': {}, 'f:spec': { 'f:paused': {}, 'f:replicas': {}, 'f:template': {} } });
  const recorded = [toRecorded(applied, ref('a'))];
  const taken = live({ 'f:metadata': {}, 'f:spec': { 'f:paused': {}, 'f:template': {} } });
  const entries = taken.metadata['managedFields'] as object[];
  const byDev = { manager: 'devspace-dev', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };
  const developed = { ...taken, metadata: { ...taken.metadata, managedFields: [byDev, ...entries] } };
  expect(reasonOfObjects(recorded, [developed])).toBeUndefined();
  expect(reasonOfObjects(recorded, [taken])).toContain('was changed by another');
});

test('what was there and is not any more is stale, whatever version of the API it had', () => {
  expect(refKey(ref('a', 'apps/v1beta1'))).toBe(refKey(ref('a')));
  expect(refKey(ref('a', 'extensions/v1beta1'))).not.toBe(refKey(ref('a')));
  const before = record({
    objects: [{ ...ref('a', 'apps/v1beta1'), owned: 'x' }, ref('b')],
    stale: [ref('c'), ref('d')],
  });
  expect(staleObjects(before, [ref('a'), ref('d')])).toEqual([ref('b'), ref('c')]);
  expect(staleObjects(undefined, [ref('a')])).toEqual([]);
});

test('a run was cut off if its process is gone from this machine', () => {
  const gone = { ...by, born: 'another time' };
  expect(wasCutOff(record({ by: gone }))).toBe(true);
  expect(wasCutOff(record({ by: gone, hash: 'x' }))).toBe(false);
  expect(wasCutOff(record())).toBe(false);
  expect(wasCutOff(record({ by: { ...gone, host: 'another' } }))).toBe(false);
  expect(wasCutOff(undefined)).toBe(false);
});
