import path from 'node:path';
import type { ResolvedConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { createBell } from '../core/bell.ts';
import { errorText } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import { changedFiles, ignoredFolders, listReloadFiles, reloadPatterns } from '../deploy/reload-files.ts';
import { startWatching } from '../watch/watcher.ts';
import type { Run } from './tools.ts';

/** Events get lost, so the files are looked at now and then. */
const lookEveryMs = 10_000;
/** A switch of branches is one change. */
const settleMs = 300;

/**
 * Builds and deploys again whenever a file of `dev.autoReload` changes, until closed. Ports, files and terminal go on, and
 * follow to the new pod. A failure is told, and the next change tries again.
 */
export function startAutoReload(
  config: ResolvedConfig,
  again: () => Promise<void>,
  run: Pick<Run, 'log' | 'signal'>,
): Handle {
  const { projectRoot } = config;
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  const patterns = reloadPatterns(config);
  const bell = createBell();
  const isExcluded = (folder: string): boolean => ignoredFolders.includes(path.basename(folder));
  const watcher = startWatching({ root: projectRoot, isExcluded, onChange: () => bell.ring() });
  watcher.done.catch((error: unknown) => run.log.debug(errorText(error)));
  const look = () => listReloadFiles(patterns, projectRoot);
  let known = look();
  const follow = async (): Promise<never> => {
    for (;;) {
      await bell.wait(lookEveryMs, signal);
      await sleep(settleMs, signal);
      const now = look();
      const changed = changedFiles(known, now);
      known = now;
      if (changed.length === 0) continue;
      run.log.info(`${shown(changed)} changed: building and deploying again`);
      try {
        await again();
      } catch (error) {
        if (signal.aborted) throw error;
        run.log.warn(`${errorText(error)} Ports, files and terminal go on; the next change tries again.`);
      }
    }
  };
  const followed = follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  followed.catch(() => {});
  return {
    ready: watcher.ready.catch(() => {}),
    done: followed,
    async close() {
      controller.abort();
      await Promise.allSettled([followed, watcher.close()]);
    },
  };
}

const shown = ([first = '', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;
