import { expect, test } from 'vitest';
import type { Target } from '../../../src/kube/target.ts';
import { createProgramStart } from '../../../src/sync/program-start.ts';
import { syncConfigOf } from '../../helpers/sync-config.ts';

const target = {} as Target;
const entry = (startsContainer: boolean, of = target) => ({
  target: of,
  config: syncConfigOf('/', '/', { startsContainer }),
});
const place = (pod: string) => ({ namespace: 'n', pod, container: 'app' });

test('a program starts when all entries of its container are in step, in the same pod', () => {
  const [one, two, free, other] = [entry(true), entry(true), entry(false), entry(true, {} as Target)];
  const start = createProgramStart([one, two, free, other]);
  expect(start.inStep(free, place('a'))).toBe(false);
  expect(start.inStep(one, place('a'))).toBe(false);
  expect(start.inStep(two, place('b'))).toBe(false);
  expect(start.inStep(one, place('b'))).toBe(true);
  expect(start.inStep(other, place('c'))).toBe(true);
  // the container has started anew: everything waits again
  start.connecting(one);
  start.connecting(two);
  expect(start.inStep(two, place('b'))).toBe(false);
  expect(start.inStep(one, place('b'))).toBe(true);
});
