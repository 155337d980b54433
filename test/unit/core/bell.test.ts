import { expect, test } from 'vitest';
import { createBell } from '../../../src/core/bell.ts';

const { signal } = new AbortController();

test('a ring wakes whoever waits, and an earlier one is not lost', async () => {
  const bell = createBell();
  const waiting = bell.wait(60_000, signal);
  bell.ring();
  await waiting;
  bell.ring();
  await bell.wait(60_000, signal);
});

test('a ring counts once', async () => {
  const bell = createBell();
  bell.ring();
  bell.ring();
  await bell.wait(60_000, signal);
  let isDone = false;
  const waiting = bell.wait(1, signal).then(() => {
    isDone = true;
  });
  expect(isDone).toBe(false);
  await waiting;
});

test('an abort ends the wait', async () => {
  const controller = new AbortController();
  const waiting = createBell().wait(60_000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(createBell().wait(1, controller.signal)).rejects.toThrow('enough');
});
