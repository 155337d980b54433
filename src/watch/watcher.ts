import type { Stats } from 'node:fs';
import { watch } from 'chokidar';
import { defer } from '../core/deferred.ts';
import { UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';

export interface WatchOptions {
  /** Absolute folder. */
  readonly root: string;
  /** Whether a folder is left alone with all that is in it; the path is absolute. */
  isExcluded(folder: string): boolean;
  /** Something below the root changed. Which thing is for the receiver to find out: events get lost. */
  onChange(): void;
}

/**
 * Watches folders only: one watch per folder instead of one per file, since what happens to a file is an event of its
 * folder (our reference, `libs.md` section 7). The `raw` events of the library are not a stable interface; a test
 * holds them.
 */
export function startWatching(options: WatchOptions): Handle {
  const watcher = watch(options.root, {
    ignoreInitial: true,
    persistent: true,
    followSymlinks: false,
    ignored: (path: string, stats?: Stats) => stats !== undefined && (!stats.isDirectory() || options.isExcluded(path)),
  });
  const ready = defer<void>();
  const done = defer<void>();
  done.promise.catch(() => {});
  watcher.on('raw', () => options.onChange());
  watcher.on('all', () => options.onChange());
  watcher.once('ready', () => ready.resolve());
  watcher.on('error', (error) => {
    const failure = new UserError('SYNC_FAILED', `The folder ${options.root} cannot be watched: ${String(error)}`, {
      hint: 'On Linux the limit fs.inotify.max_user_watches may be too low.',
      cause: error,
    });
    ready.reject(failure);
    done.reject(failure);
  });
  return {
    ready: ready.promise,
    done: done.promise,
    async close() {
      await watcher.close();
      done.resolve();
    },
  };
}
