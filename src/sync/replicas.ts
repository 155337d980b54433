import { rmSync } from 'node:fs';
import type { SyncConfig } from '../config/types.ts';
import { abortable } from '../core/abort.ts';
import { errorText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { ContainerRef } from '../kube/objects.ts';
import type { SyncTask } from './sync-task.ts';

export interface ReplicaRun {
  readonly log: Log;
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** Synchronises one replica until the signal aborts. */
  readonly start: (task: SyncTask, signal: AbortSignal) => Promise<void>;
  /** The file with what is known of an entry. */
  readonly memoryOf: (config: SyncConfig) => string;
}

/**
 * Brings what changes here to the other containers that fit, from now on and as they come and go. Nothing comes from
 * them: what two replicas make differently would have no end. One that fails is told and left alone; the others go on.
 * Ends when the signal aborts.
 */
export async function followReplicas({ target, config }: SyncTask, run: ReplicaRun): Promise<void> {
  const { signal, log } = run;
  const followed = new Map<string, { readonly left: AbortController; readonly ended: Promise<void> }>();
  const follow = (container: ContainerRef) => {
    const left = new AbortController();
    const task = { target: pinned(container), config: toReplicaEntry(config, container) };
    log.info(`Pod ${container.pod} gets the files of ${config.localPath}, too`);
    const ended = run.start(task, AbortSignal.any([signal, left.signal])).then(
      () => {
        // a pod that has gone never comes back, so what is known of it is of no use
        if (left.signal.aborted) rmSync(run.memoryOf(task.config), { force: true });
      },
      (error: unknown) => {
        if (!signal.aborted) log.warn(`Pod ${container.pod} gets no more files: ${errorText(error)}`);
      },
    );
    return { left, ended };
  };
  const stop = target.others?.((containers) => {
    const wanted = new Map(containers.map((container) => [`${container.pod}/${container.container}`, container]));
    for (const [key, { left }] of followed) {
      if (wanted.has(key)) continue;
      left.abort();
      followed.delete(key);
    }
    for (const [key, container] of wanted) if (!followed.has(key)) followed.set(key, follow(container));
  });
  if (!config.noWatch) await aborted(signal);
  stop?.();
  await Promise.all([...followed.values()].map(({ ended }) => ended));
}

const aborted = (signal: AbortSignal): Promise<void> => abortable(new Promise<never>(() => {}), signal).catch(() => {});

const pinned = (container: ContainerRef): SyncTask['target'] => ({
  current: () => Promise.resolve(container),
  lost: () => {},
});

/**
 * Pure: the entry for one replica, where the files of this machine count. Commands of this machine have run already for
 * the container that the entry is about.
 */
export function toReplicaEntry(config: SyncConfig, { pod, container }: ContainerRef): SyncConfig {
  return {
    ...config,
    target: { ...config.target, podName: pod, containerName: container },
    initialSync: config.initialSync === 'mirrorLocal' ? 'mirrorLocal' : 'preferLocal',
    disableDownload: true,
    onUpload: config.onUpload.filter(({ where }) => where !== 'local'),
    startsContainer: false,
    allReplicas: false,
  };
}
