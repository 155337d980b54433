import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { defer } from '../../../src/core/deferred.ts';
import { type Handle, openLifetime } from '../../../src/core/lifetime.ts';
import { errorOf } from '../../helpers/error-of.ts';

const outer = () => new AbortController();

function handle(name: string, closed: string[], more: Partial<Handle> = {}): Handle {
  return {
    ready: Promise.resolve(),
    done: new Promise(() => {}),
    close: async () => {
      closed.push(name);
    },
    ...more,
  };
}

test('closes in reverse order, once', async () => {
  const closed: string[] = [];
  const life = openLifetime(outer().signal);
  for (const name of ['a', 'b', 'c']) await life.keep(handle(name, closed));
  await Promise.all([life.close(), life.close()]);
  await life.close();
  expect(closed).toEqual(['c', 'b', 'a']);
  expect(life.signal.aborted).toBe(true);
});

test('tries to close all, and tells every failure', async () => {
  const closed: string[] = [];
  const life = openLifetime(outer().signal);
  await life.keep(handle('a', closed));
  for (const name of ['b', 'c'])
    await life.keep(handle(name, closed, { close: () => Promise.reject(new Error(name)) }));
  const error = await errorOf(life.close());
  expect(closed).toEqual(['a']);
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors.map(String)).toEqual(['Error: c', 'Error: b']);
});

test('one failure is told as it is', async () => {
  const life = openLifetime(outer().signal);
  const failure = new Error('only');
  await life.keep(handle('a', [], { close: () => Promise.reject(failure) }));
  expect(await errorOf(life.close())).toBe(failure);
});

test('a handle that never gets ready is closed all the same', async () => {
  const closed: string[] = [];
  const life = openLifetime(outer().signal);
  const failure = new Error('not ready');
  expect(await errorOf(life.keep(handle('a', closed, { ready: Promise.reject(failure) })))).toBe(failure);
  await life.close();
  expect(closed).toEqual(['a']);
});

describe('race', () => {
  test('gives the result of the main work', async () => {
    const life = openLifetime(outer().signal);
    expect(await life.race(Promise.resolve(3))).toBe(3);
    await life.close();
  });

  test('ends with the first part that fails; later reasons are not heard', async () => {
    const [first, second] = [defer<void>(), defer<void>()];
    const life = openLifetime(outer().signal);
    await life.keep(handle('a', [], { done: first.promise }));
    await life.keep(handle('b', [], { done: second.promise }));
    const racing = errorOf(life.race(new Promise(() => {})));
    second.reject(new Error('second failed first'));
    first.reject(new Error('late'));
    expect((await racing).message).toBe('second failed first');
    await life.close();
  });

  test('ends with the outer signal, before the start, too', async () => {
    const controller = outer();
    controller.abort(new Error('enough'));
    const life = openLifetime(controller.signal);
    expect((await errorOf(life.race(new Promise(() => {})))).message).toBe('enough');
    expect((await errorOf(life.keep(handle('a', [], { ready: new Promise(() => {}) })))).message).toBe('enough');
    await life.close();
  });

  test('main work that fails after the race is over disturbs nobody', async () => {
    const controller = outer();
    const life = openLifetime(controller.signal);
    const main = defer<never>();
    const racing = errorOf(life.race(main.promise));
    controller.abort(new Error('enough'));
    await racing;
    main.reject(new Error('late'));
    await life.close();
  });
});

test('leaves no listener on the outer signal', async () => {
  const { signal } = outer();
  const life = openLifetime(signal);
  await life.keep(handle('a', []));
  await life.close();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
