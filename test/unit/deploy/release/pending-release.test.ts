import { expect, test } from 'vitest';
import { timeoutOf } from '../../../../src/deploy/release/pending-release.ts';

test.each([
  [['--timeout', '5m'], 300_000],
  [['--wait', '--timeout=1m30s'], 90_000],
  [['--timeout', '1h0m0.5s'], 3_600_500],
  [['--timeout', '250ms'], 250],
  [['--timeout', 'soon'], undefined],
  [['--wait'], undefined],
])('%j is %s ms', (args, ms) => {
  expect(timeoutOf(args)).toBe(ms);
});
