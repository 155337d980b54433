import { expect, test } from 'vitest';
import { fuzzLoader } from './fuzz-loader.ts';

test('a short run of the fuzzer finds nothing', { timeout: 60_000 }, async () => {
  const { failures, runs, loaded } = await fuzzLoader({ seed: 20, runs: 300 });
  expect(failures).toEqual([]);
  expect(runs).toBe(300);
  expect(loaded).toBeGreaterThan(10);
});
