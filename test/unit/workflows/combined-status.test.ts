import { expect, test } from 'vitest';
import { nullLog } from '../../../src/core/log.ts';
import { combinedStatus } from '../../../src/workflows/combined-status.ts';

test('one line shows all that are at work, in the order in which they began', () => {
  const shown: (string | undefined)[] = [];
  const log = combinedStatus({ ...nullLog, status: (text) => shown.push(text) });
  const web = log.child('build web');
  const api = log.child('build api');
  web.status('Step 1/2');
  api.status('Step 1/9');
  web.status('Step 2/2');
  web.status(undefined);
  api.status(undefined);
  expect(shown).toEqual([
    'build web: Step 1/2',
    'build web: Step 1/2 · build api: Step 1/9',
    'build web: Step 2/2 · build api: Step 1/9',
    'build api: Step 1/9',
    undefined,
  ]);
});
