import type { Stats } from 'node:fs';
import path from 'node:path';
import { watch } from 'chokidar';
import { defer } from '../core/deferred.ts';
import { UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';

export interface WatchOptions {
  /** Absolute folder. */
  readonly root: string;
  /** Whether a folder is left alone with all that is in it; the path is absolute. */
  isExcluded(folder: string): boolean;
  /**
   * Something happened in this folder, an absolute path. What it was is for the receiver to find out, who must also look
   * by himself now and then: events get lost.
   */
  onChange(folder: string): void;
}

export interface Watcher extends Handle {
  /** Watches a folder that took the place of another one, which the system does not tell. */
  renew(folders: readonly string[]): void;
}

/**
 * Watches folders only: one watch per folder instead of one per file, since what happens to a file is an event of its
 * folder (our reference, `libs.md` section 7). The `raw` events of the library are not a stable interface; a test
 * holds them. Where the system has no watches left, `done` rejects.
 */
export function startWatching(options: WatchOptions): Watcher {
  const watcher = watch(options.root, {
    ignoreInitial: true,
    persistent: true,
    followSymlinks: false,
    ignored: (file: string, stats?: Stats) => stats !== undefined && (!stats.isDirectory() || options.isExcluded(file)),
  });
  const ready = defer<void>();
  const done = defer<void>();
  done.promise.catch(() => {});
  ready.promise.catch(() => {});
  watcher.on('raw', (_event: string, _name: string, details: unknown) => options.onChange(watchedPath(details)));
  watcher.on('all', (_event, file) => options.onChange(path.dirname(file)));
  watcher.once('ready', () => ready.resolve());
  watcher.on('error', (error) => {
    const failure = new UserError('SYNC_FAILED', `The folder ${options.root} cannot be watched: ${String(error)}`, {
      hint: 'On Linux the limit fs.inotify.max_user_watches may be too low.',
      cause: error,
    });
    ready.reject(failure);
    done.reject(failure);
  });
  const watchedPath = (details: unknown): string => {
    const known = details as { readonly watchedPath?: unknown } | undefined;
    return typeof known?.watchedPath === 'string' ? known.watchedPath : options.root;
  };
  return {
    ready: ready.promise,
    done: done.promise,
    renew(folders) {
      watcher.unwatch([...folders]);
      watcher.add([...folders]);
    },
    async close() {
      await watcher.close();
      done.resolve();
    },
  };
}
