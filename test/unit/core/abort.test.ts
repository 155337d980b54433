import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { abortable, abortReason, sleep, withDeadline } from '../../../src/core/abort.ts';
import { CancelledError } from '../../../src/core/errors.ts';
import { errorOf } from '../../helpers/error-of.ts';

const never = () => new Promise<never>(() => {});

test.each([
  ['without a reason', undefined, 'CancelledError'],
  ['with an error', new TypeError('x'), 'TypeError'],
  ['with our own', new CancelledError('x'), 'CancelledError'],
  ['with a text', 'x', 'CancelledError'],
])('abortReason %s', (_name, reason, name) => {
  expect(abortReason(AbortSignal.abort(reason)).name).toBe(name);
});

describe.each([
  ['sleep', (signal: AbortSignal) => sleep(100_000, signal)],
  ['abortable', (signal: AbortSignal) => abortable(never(), signal)],
])('%s', (_name, wait) => {
  test('rejects at once for an aborted signal', async () => {
    expect((await errorOf(wait(AbortSignal.abort()))).name).toBe('CancelledError');
  });

  test('rejects when the signal aborts, and leaves no listener', async () => {
    const controller = new AbortController();
    const waiting = errorOf(wait(controller.signal));
    controller.abort(new Error('enough'));
    expect((await waiting).message).toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

test('sleep ends and leaves no listener', async () => {
  const { signal } = new AbortController();
  await sleep(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('abortable gives value and error on', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(1), signal)).toBe(1);
  expect((await errorOf(abortable(Promise.reject(new Error('x')), signal))).message).toBe('x');
});

test('abortable does not leave a late rejection unheard', async () => {
  const late = new Promise<void>((_, reject) => setImmediate(() => reject(new Error('late'))));
  await errorOf(abortable(late, AbortSignal.abort()));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
});

test('withDeadline', async () => {
  expect(await withDeadline(Promise.resolve(1), 1_000, () => new Error('late'))).toBe(1);
  expect((await errorOf(withDeadline(never(), 1, () => new Error('late')))).message).toBe('late');
});
