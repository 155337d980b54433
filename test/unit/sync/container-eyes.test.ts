import { expect, onTestFinished, test } from 'vitest';
import { keepWatching } from '../../../src/sync/container-eyes.ts';
import type { ContainerNews, ContainerSide } from '../../../src/sync/container-side.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import type { TreeEntry } from '../../../src/sync/tree.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

const nothing: ContainerNews = { entries: [], folders: [] };
const file = (fingerprint: string): TreeEntry => ({ type: 'file', size: 1, mtime: 1, mode: 0o644, fingerprint });

/** What each look of `news` was told as, beginning with the first one that found something to decide. */
async function toldOf(view: SyncView, news: readonly ContainerNews[]): Promise<string[]> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const told: string[] = [];
  const left = [...news];
  await new Promise<void>((resolve) => {
    const side: ContainerSide = {
      identity: 'one',
      root: '/app',
      notify: 'poll',
      canWrite: true,
      list: async () => undefined,
      prepareUpload: () => {},
      listFolders: async () => nothing,
      changed: async () => left.shift() ?? nothing,
      upload: () => Promise.reject(new Error('nothing is uploaded')),
      place: () => Promise.reject(new Error('nothing is placed')),
      delete: async () => [],
      download: async () => {},
      watch: async () => {},
      close: () => {},
    };
    const onDirty = (what: string) => {
      told.push(what);
      if (told.length === news.length) resolve();
    };
    keepWatching({
      side,
      view,
      polling: true,
      onDirty,
      idleMs: () => 0,
      log: recordingLog(),
      signal: controller.signal,
    }).catch(() => {});
  });
  return told;
}

test('a look that finds nothing new does not count as an event while something waits to be decided', async () => {
  const view = new SyncView(() => false, []);
  view.dirty.add('waits');
  const edited = (name: string, fingerprint: string) => ({
    entries: [{ name, entry: file(fingerprint) }],
    folders: [],
  });
  const told = await toldOf(view, [nothing, edited('a', '1'), edited('a', '1'), edited('a', '2'), nothing]);
  expect(told).toEqual(['left', 'news', 'left', 'news', 'left']);
});
