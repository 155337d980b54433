import { expect, test } from 'vitest';
import { createBackoff } from '../../../src/core/backoff.ts';

test('doubles up to the cap and starts over after a reset', () => {
  const backoff = createBackoff(500, 15_000, () => 1);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next())).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

test('varies between the half and the whole', () => {
  expect(createBackoff(1_000, 15_000, () => 0).next()).toBe(500);
  expect(createBackoff(1_000, 15_000, () => 0.5).next()).toBe(750);
});

test('never overflows', () => {
  const backoff = createBackoff(500, 15_000);
  for (let turn = 0; turn < 5_000; turn += 1) expect(backoff.next()).toBeLessThanOrEqual(15_000);
});
