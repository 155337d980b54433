import { expect, test } from 'vitest';
import { parseListing } from '../../../src/sync/listing.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';

const times = '2026-01-01 00:00:00.5 +0000 2026-01-01 00:00:00.5 +0000';
const entriesOf = (...names: string[]) => [
  ...parseListing(names.map((name) => `81a4 1 2 ${times} ./${name}//\n`).join('')),
];
const startView = () => {
  const view = new SyncView(() => false, []);
  view.noteListing({ entries: entriesOf('a', 'b'), partial: false }, view.now);
  view.dirty.clear();
  return view;
};

test('what was asked before we changed a path ourselves does not count, and its folder is asked again', () => {
  const view = startView();
  const asked = view.now;
  view.noteOwnContainer(['a'], []);
  view.noteNews({ entries: entriesOf('a'), folders: [''] }, asked);
  expect(view.container.get('a')).toBeUndefined();
  // somebody may have made it anew just before the answer
  expect(view.takeDoubtful()).toEqual(['']);
  expect(view.takeDoubtful()).toEqual([]);
  view.noteNews({ entries: entriesOf('a'), folders: [''] }, view.now);
  expect([...view.dirty].sort()).toEqual(['a', 'b']);
  expect(view.takeDoubtful()).toEqual([]);
});

test('what is in a folder that goes, or becomes a file, is decided anew', () => {
  const folder = [...parseListing('d ./d//\n'), ...entriesOf('d/x')];
  const [, x] = folder;
  for (const after of [[], entriesOf('d')]) {
    const view = new SyncView(() => false, []);
    for (const { name, entry } of folder) view.noteLocal(name, entry);
    view.noteListing({ entries: folder, partial: false }, view.now);
    view.dirty.clear();
    view.noteOwnLocal('d', after[0]?.entry);
    expect([...view.dirty]).toEqual(['d/x']);
    view.dirty.clear();
    view.noteOwnContainer(['d'], after);
    expect([...view.dirty, view.container.get('d/x'), view.local.get('d/x')]).toEqual(['d/x', undefined, undefined]);
  }
  const view = new SyncView(() => false, []);
  view.noteOwnLocal('d/x', x?.entry);
  expect(view.dirty.size).toBe(0);
});

test('a path that such an answer lacks is asked for again too', () => {
  const view = startView();
  const asked = view.now;
  view.noteOwnContainer(['c'], entriesOf('c'));
  view.noteNews({ entries: entriesOf('a', 'b'), folders: [''] }, asked);
  expect(view.container.get('c')).toBeDefined();
  expect(view.takeDoubtful()).toEqual(['']);
});
