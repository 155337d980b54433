import { expect } from 'vitest';

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What every failure of the program has in common: a code in brackets and a hint, no stack trace and no data. */
export function expectFailure(
  { code, stdout, stderr }: Finished,
  errorCode: string,
  words = /(?:)/,
  exitCode = 1,
): void {
  expect(stderr).toMatch(words);
  expect(stderr).toContain(`[${errorCode}]`);
  expect(stderr).toContain('→');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect([code, stdout]).toEqual([exitCode, '']);
}
