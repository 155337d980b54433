import { expect, test } from 'vitest';
import { StuckPaths } from '../../../src/sync/stuck-paths.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';

const file = (fingerprint: string) => ({ type: 'file', size: 1, mtime: 1, mode: 0o644, fingerprint }) as const;

function start() {
  const view = new SyncView(() => false, []);
  view.noteLocal('a', file('1'));
  return { view, stuck: new StuckPaths(view) };
}

test('a path is stuck until it changes', () => {
  const { view, stuck } = start();
  expect(stuck.add('a')).toBe(true);
  expect([stuck.add('a'), stuck.isStuck('a')]).toEqual([false, true]);
  view.noteLocal('a', file('2'));
  expect([stuck.isStuck('a'), stuck.add('a')]).toEqual([false, true]);
});

test('is tried again as it is, after pauses that double, and told once', () => {
  const { stuck } = start();
  const tries: number[] = [];
  const told: boolean[] = [stuck.add('a', 0)];
  for (let now = 0; now <= 8 * 60 * 60_000; now += 10_000) {
    if (stuck.freeWaiting(now).length === 0) continue;
    expect(stuck.isStuck('a')).toBe(false);
    tries.push(now / 60_000);
    told.push(stuck.add('a', now));
  }
  expect(tries.slice(0, 8)).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5]);
  expect(told.filter(Boolean)).toEqual([true]);
});

test('begins with short pauses again when it has changed', () => {
  const { view, stuck } = start();
  stuck.add('a', 0);
  expect(stuck.freeWaiting(30_000)).toEqual(['a']);
  view.noteLocal('a', file('2'));
  expect(stuck.add('a', 30_000)).toBe(true);
  expect(stuck.freeWaiting(59_000)).toEqual([]);
  expect(stuck.freeWaiting(60_000)).toEqual(['a']);
});

test('what lies below a folder that changed is free', () => {
  const { view, stuck } = start();
  view.noteLocal('d/x', file('1'));
  stuck.add('d/x');
  const changed = new Set(['d']);
  stuck.freeBelow(changed);
  expect([stuck.isStuck('d/x'), ...changed]).toEqual([false, 'd', 'd/x']);
});
