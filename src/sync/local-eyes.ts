import path from 'node:path';
import { sleep } from '../core/abort.ts';
import { createTimeSlice } from '../core/time-slice.ts';
import { startWatching, type Watcher } from '../watch/watcher.ts';
import type { Excludes } from './excludes.ts';
import { lstatIfThere, readLocalFolder, walkLocal } from './local-tree.ts';
import type { SyncView } from './sync-view.ts';

export interface LocalEyesOptions {
  readonly root: string;
  readonly view: SyncView;
  readonly isExcluded: Excludes;
  /** Some folder may have changed: time to call `look`. */
  onChange(): void;
  /** A folder was read, of perhaps very many. */
  onRead(): void;
}

/** Sees what happens in the local folder: by events, and by itself now and then, since events get lost. */
export interface LocalEyes {
  /**
   * Asks the system for events, and resolves when they come; then a look through everything finds what happened before.
   * Rejects if the system has no watches left.
   */
  watch(): Promise<void>;
  /** How many folders wait to be looked at. */
  readonly waiting: number;
  /** Looks through everything. */
  lookAll(): Promise<void>;
  /** Looks at the folders in which something happened. */
  look(): Promise<void>;
  /** Looks for folders that changed without an event. Cheap: one call of the system for each folder. */
  checkFolders(): Promise<void>;
  close(): Promise<void>;
}

/** A watch works after some 50 ms (measured with chokidar 5 on Linux). */
const renewedMs = 250;

interface Stamp {
  /** Another one for another folder: its inode, which the system gives away again at once, and when it was made. */
  readonly folder: string;
  /** Of its last change. */
  readonly mtimeMs: number;
}

export function openLocalEyes({ root, view, isExcluded, onChange, onRead }: LocalEyesOptions): LocalEyes {
  const waiting = new Set<string>();
  /** What each folder was when it was read. */
  const stamps = new Map<string, Stamp>();
  const nameOf = (folder: string) => path.relative(root, folder).split(path.sep).join('/');
  const timers = new Set<NodeJS.Timeout>();
  let watcher: Watcher | undefined;
  const startWatcher = () =>
    startWatching({
      root,
      isExcluded: (folder) => nameOf(folder) !== '' && isExcluded(nameOf(folder), 'directory'),
      onChange(folder) {
        const name = nameOf(folder);
        if (name.startsWith('..')) return;
        waiting.add(name);
        onChange();
      },
    });
  const stampOf = (folder: string): Stamp | undefined => {
    const stat = lstatIfThere(path.join(root, folder));
    return stat?.isDirectory() ? { folder: `${stat.ino} ${stat.birthtimeMs}`, mtimeMs: stat.mtimeMs } : undefined;
  };
  const renewWatch = (folder: string): void => {
    if (!watcher) return;
    watcher.renew([path.join(root, folder)]);
    // what happens until the new watch works is told by nobody
    const timer = setTimeout(() => {
      timers.delete(timer);
      waiting.add(folder);
      onChange();
    }, renewedMs);
    timers.add(timer);
  };
  const note = (folder: string): void => {
    const before = stamps.get(folder);
    const stamp = stampOf(folder);
    if (stamp) stamps.set(folder, stamp);
    else stamps.delete(folder);
    if (before && stamp && before.folder !== stamp.folder) renewWatch(folder);
  };
  const walk = (from: string): Promise<void> => {
    note(from);
    return walkLocal(root, {
      from,
      isExcluded,
      onFolder(folder, found) {
        view.noteLocalFolder(folder, found);
        for (const [name, { type }] of found.entries) if (type === 'directory') note(name);
        onRead();
      },
    });
  };

  return {
    watch() {
      watcher ??= startWatcher();
      return watcher.ready;
    },
    get waiting() {
      return waiting.size;
    },
    async lookAll() {
      waiting.clear();
      await walk('');
    },
    async look() {
      const folders = [...waiting].sort();
      waiting.clear();
      for (const folder of folders) {
        if (folder !== '' && isExcluded(folder, 'directory')) continue;
        note(folder);
        const found = readLocalFolder(root, folder, isExcluded);
        // its parent was told too, or will be
        if (!found) continue;
        for (const unknown of view.noteLocalFolder(folder, found)) await walk(unknown);
        for (const [name, { type }] of found.entries) {
          // a folder that took the place of another one
          if (type === 'directory' && stampOf(name)?.folder !== stamps.get(name)?.folder) await walk(name);
        }
      }
    },
    async checkFolders() {
      const slice = createTimeSlice();
      for (const [folder, before] of stamps) {
        if (slice.isOver) await slice.giveWay();
        const stamp = stampOf(folder);
        if (stamp?.folder === before.folder && stamp.mtimeMs === before.mtimeMs) continue;
        waiting.add(folder);
        const slash = folder.lastIndexOf('/');
        if (!stamp) waiting.add(slash < 0 ? '' : folder.slice(0, slash));
        if (!stamp) stamps.delete(folder);
      }
      if (waiting.size > 0) onChange();
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await watcher?.close();
    },
  };
}

/** Looking for what no event told may take this share of our time. */
const lookShare = 800;
const [checkFoldersMs, walkEveryMs] = [2_000, 15_000];

/** Makes up for lost events until the signal aborts; then it rejects. `onLook`: everything was looked through. */
export async function keepLooking(eyes: LocalEyes, onLook: () => void, signal: AbortSignal): Promise<never> {
  let walkAt = performance.now() + walkEveryMs;
  let pause = checkFoldersMs;
  for (;;) {
    await sleep(pause, signal);
    if (performance.now() < walkAt) {
      pause = Math.min(walkEveryMs, await pauseAfter(checkFoldersMs, () => eyes.checkFolders()));
      continue;
    }
    walkAt = performance.now() + (await pauseAfter(walkEveryMs, () => eyes.lookAll()));
    onLook();
  }
}

/** How long to wait after the work so that it takes no more than its share, `leastMs` at least. */
async function pauseAfter(leastMs: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.max(leastMs, (performance.now() - startedAt) * lookShare);
}
