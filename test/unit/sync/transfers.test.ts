import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ContainerSide } from '../../../src/sync/container-side.ts';
import { parseListing } from '../../../src/sync/listing.ts';
import { emptyMemory } from '../../../src/sync/memory.ts';
import { createProgress } from '../../../src/sync/progress.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import { deleteThere, download, type TransferContext, upload } from '../../../src/sync/transfers.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { syncConfigOf } from '../../helpers/sync-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { unusable } from '../../helpers/unusable.ts';

const times = '2026-01-01 00:00:00.5 +0000 2026-01-01 00:00:00.5 +0000';
const folder = (name: string) => `41ed 4096 2 ${times} ./${name}//\n`;
const file = (name: string) => `81a4 1 2 ${times} ./${name}//\n`;

/** What is decided anew after paths were to be deleted that had become something else meanwhile. */
async function dirtyAfterDelete(before: string, after: string): Promise<string[]> {
  const view = new SyncView(() => false, []);
  view.noteListing({ entries: [...parseListing(before)], partial: false }, view.now);
  const names = ['x/y/z', 'x/y', 'x'].filter((name) => view.container.get(name));
  const seen = view.sighting(names);
  view.dirty.clear();
  const side = unusable<ContainerSide>('ContainerSide', { delete: async () => [...parseListing(after)] });
  const context = unusable<TransferContext>('TransferContext', { side, view, memory: emptyMemory() });
  const gone = names.filter((name) => !after.includes(`./${name}//`));
  expect(await deleteThere(names, seen, context)).toEqual(gone);
  return [...view.dirty];
}

test('a folder that has taken the place of a file which should be deleted is decided anew', async () => {
  // the folder around it comes with it
  const paths = await dirtyAfterDelete(folder('x') + file('x/y'), folder('x') + folder('x/y'));
  expect(paths).toEqual(['x/y']);
});

test('a file that has taken the place of a folder which should be deleted is decided anew', async () => {
  const paths = await dirtyAfterDelete(folder('x') + folder('x/y') + file('x/y/z'), folder('x') + file('x/y'));
  expect(paths).toEqual(['x/y']);
});

describe('a file that was placed in the container', () => {
  const wholeTimes = '2026-01-01 00:00:00 +0000 2026-01-01 00:00:00.5 +0000';

  /** Sends the file to a container that shows it with these modes, one after the other. */
  async function agreedAfter(modes: readonly string[]): Promise<readonly (string | undefined)[]> {
    const localPath = tempFolder();
    const file = path.join(localPath, 'a');
    writeFileSync(file, 'x');
    chmodSync(file, 0o644);
    utimesSync(file, 2, 2);
    const view = new SyncView(() => false, []);
    const memory = emptyMemory();
    const listings = modes.map((mode) => [...parseListing(`81${mode} 1 2 ${wholeTimes} ./a//\n`)]);
    const side = unusable<ContainerSide>('ContainerSide', {
      canWrite: true,
      upload: async () => 'stage',
      place: async () => ({ entries: listings.shift() ?? [], kept: new Set<string>() }),
    });
    const context = unusable<TransferContext>('TransferContext', {
      side,
      view,
      memory,
      config: syncConfigOf(localPath, '/'),
      progress: createProgress(recordingLog()),
      modes: new Map(),
      signal: new AbortController().signal,
    });
    const agreed: (string | undefined)[] = [];
    while (listings.length > 0) {
      expect(await upload(['a'], view.sighting(['a']), context)).toEqual(['a']);
      agreed.push(view.dirty.has('a') ? 'to decide' : memory.agreed.get('a')?.container);
    }
    return agreed;
  }

  const entry = (mode: string) => `81${mode} 1 2 ${wholeTimes}`;

  test('and got another mode there in the very moment is decided anew', async () => {
    expect(await agreedAfter(['a4', 'ed'])).toEqual([entry('a4'), 'to decide']);
  });

  test('and has the mode there that all such files have is as it was sent', async () => {
    expect(await agreedAfter(['ff', 'ff'])).toEqual([entry('ff'), entry('ff')]);
  });
});

test('what is missing in an answer is looked at again: gone is no problem, what stands there cannot be read', async () => {
  const listing = folder('d') + file('d/gone') + file('d/stays') + file('d/edited');
  const view = new SyncView(() => false, []);
  view.noteListing({ entries: [...parseListing(listing)], partial: false }, view.now);
  const names = ['d/gone', 'd/stays', 'd/edited'];
  const seen = view.sighting(names);
  view.dirty.clear();
  const problems: string[] = [];
  const now = file('d/stays') + file('d/edited').replace(' 1 2 ', ' 7 3 ');
  const context = unusable<TransferContext>('TransferContext', {
    side: unusable<ContainerSide>('ContainerSide', {
      download: async () => {},
      listFolders: async (folders) => ({ entries: [...parseListing(now)], folders }),
    }),
    view,
    memory: emptyMemory(),
    config: syncConfigOf(tempFolder(), '/'),
    progress: createProgress(recordingLog()),
    problem: (name, reason) => problems.push(`${name} ${reason}`),
    signal: new AbortController().signal,
  });
  expect(await download(names, seen, context)).toEqual([]);
  expect([...view.dirty].sort()).toEqual(['d/edited', 'd/gone']);
  expect(problems).toEqual(['d/stays cannot be read in the container']);
});
