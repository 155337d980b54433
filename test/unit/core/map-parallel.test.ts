import { expect, test } from 'vitest';
import { defer } from '../../../src/core/deferred.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { mapParallel } from '../../../src/core/map-parallel.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const { signal } = new AbortController();

test.each([
  [1, 1],
  [2, 2],
  [9, 4],
])('with a limit of %i, %i of four are at work, and the results are in order', async (limit, expected) => {
  const ends = [defer<void>(), defer<void>(), defer<void>(), defer<void>()];
  let running = 0;
  let most = 0;
  const all = mapParallel([...ends.entries()], { limit, signal }, async ([index, end]) => {
    running += 1;
    most = Math.max(most, running);
    await end.promise;
    running -= 1;
    return index * 10;
  });
  await waitFor(() => expect(running).toBe(expected));
  for (const end of [...ends].reverse()) end.resolve();
  expect(await all).toEqual([0, 10, 20, 30]);
  expect(most).toBe(expected);
});

test('the first failure aborts the others, starts no more, and is told once all have ended', async () => {
  const cleaned = defer<void>();
  const begun: string[] = [];
  let settled = false;
  const all = errorOf(
    mapParallel(['waits', 'fails', 'never begins'], { limit: 2, signal }, async (item, either) => {
      begun.push(item);
      if (item === 'fails') throw new Error('broken');
      await new Promise((resolve) => either.addEventListener('abort', resolve));
      await cleaned.promise;
      throw new Error('aborted');
    }),
  ).finally(() => (settled = true));
  await waitFor(() => expect(begun).toEqual(['waits', 'fails']));
  expect(settled).toBe(false);
  cleaned.resolve();
  expect((await all).message).toBe('broken');
  expect(begun).toEqual(['waits', 'fails']);
});

test('an abort from outside reaches all and is told as such', async () => {
  const abort = new AbortController();
  const ended: number[] = [];
  const all = errorOf(
    mapParallel([1, 2], { limit: 2, signal: abort.signal }, async (item, either) => {
      await new Promise((resolve) => either.addEventListener('abort', resolve));
      ended.push(item);
      throw new Error('anything');
    }),
  );
  abort.abort(new CancelledError('Ctrl-C'));
  expect((await all).message).toBe('Ctrl-C');
  expect(ended).toEqual([1, 2]);
});

test('nothing at all is no work', async () => {
  expect(await mapParallel([], { limit: 0, signal }, async () => 1)).toEqual([]);
});
