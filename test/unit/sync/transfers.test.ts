import { expect, test } from 'vitest';
import type { ContainerSide } from '../../../src/sync/container-side.ts';
import { parseListing } from '../../../src/sync/listing.ts';
import { emptyMemory } from '../../../src/sync/memory.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import { deleteThere, type TransferContext } from '../../../src/sync/transfers.ts';
import { unusable } from '../../helpers/unusable.ts';

const times = '2026-01-01 00:00:00.5 +0000 2026-01-01 00:00:00.5 +0000';
const folder = (name: string) => `41ed 4096 2 ${times} ./${name}//\n`;
const file = (name: string) => `81a4 1 2 ${times} ./${name}//\n`;

test('a folder that has taken the place of a file which should be deleted is decided anew', async () => {
  const view = new SyncView(() => false, []);
  view.noteListing({ entries: [...parseListing(folder('x') + file('x/y'))], partial: false }, view.now);
  const names = ['x/y', 'x'];
  const seen = view.sighting(names);
  view.dirty.clear();
  const left = [...parseListing(folder('x') + folder('x/y'))];
  const side = unusable<ContainerSide>('ContainerSide', { delete: async () => left });
  const context = unusable<TransferContext>('TransferContext', { side, view, memory: emptyMemory() });
  expect(await deleteThere(names, seen, context)).toEqual([]);
  // the folder around it comes with it
  expect([...view.dirty]).toEqual(['x/y']);
});
