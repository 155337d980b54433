import type { SyncConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { defer } from '../core/deferred.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Target } from '../kube/target.ts';
import { runSyncSession } from './session.ts';

export interface SyncTask {
  readonly target: Target;
  readonly config: SyncConfig;
}

export interface SyncRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What a new try cannot heal. */
const fatalCodes = ['SYNC_PATH', 'SYNC_TOOLS', 'KUBE_FORBIDDEN', 'KUBE_UNAUTHORIZED'];

/**
 * Synchronises each folder until closed. A lost link is opened again with growing pauses, to the pod that is the
 * target then. `ready`: the entries that want it have finished their first synchronisation. `done` rejects if one
 * entry cannot go on.
 */
export function startSync(tasks: readonly SyncTask[], run: SyncRun): Handle {
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  const started = tasks.map((task) => superviseSync(task, { ...run, signal }));
  const finished = Promise.allSettled(started.map(({ ended }) => ended));
  const done = Promise.all(started.map(({ ended }) => ended)).then(() => {});
  done.catch(() => {});
  const ready = Promise.race([Promise.all(started.map((entry) => entry.ready)).then(() => {}), done]);
  return {
    ready,
    done,
    async close() {
      controller.abort();
      await finished;
    },
  };
}

function superviseSync({ target, config }: SyncTask, run: SyncRun): { ready: Promise<void>; ended: Promise<void> } {
  const { signal } = run;
  const log = run.log.child('sync');
  const ready = defer<void>();
  const backoff = createBackoff(500, 15_000);
  const attempt = async () => {
    const container = await target.current(signal);
    if (!config.waitInitialSync) ready.resolve();
    try {
      const onInitialSync = () => {
        backoff.reset();
        ready.resolve();
        log.done(`${config.localPath} is in step with the container`);
      };
      await runSyncSession({ kube: run.kube, container, config, log, signal, onInitialSync });
    } catch (error) {
      target.lost(container);
      throw error;
    }
  };
  const supervise = async () => {
    while (!signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof UserError) || fatalCodes.includes(error.code)) throw error;
        log.warn(`${errorText(error)} Trying again.`);
        await sleep(backoff.next(), signal).catch(() => {});
      }
    }
  };
  const ended = supervise();
  ended.catch((error: unknown) => ready.reject(error));
  ready.promise.catch(() => {});
  return { ready: ready.promise, ended };
}
