import { setMaxListeners } from 'node:events';
import { abortReason } from '../core/abort.ts';
import { createBell } from '../core/bell.ts';
import { errorText } from '../core/errors.ts';
import { podQuery, type TargetQuery } from '../kube/find-target.ts';
import type { Pod } from '../kube/objects.ts';
import { type FollowRun, followContainer, type WatchedPod } from './follow-container.ts';
import { isOver, logContainers } from './log-sources.ts';
import { type LogStart, noSource } from './print-logs.ts';

export interface FollowOptions {
  /** Of the pods that are there at first; the log of a pod that comes later is written from its beginning. */
  readonly start: LogStart;
  /** What to do if no pod fits at first: fail with `TARGET_NOT_FOUND`, or wait for one. */
  readonly whenMissing: 'fail' | 'wait';
}

/**
 * Writes what all pods of the query print, those too that come later, each line once, until the signal aborts: then it
 * rejects with its reason. If the query names a pod it resolves when that one is gone or has ended.
 */
export async function followLogs(query: TargetQuery, options: FollowOptions, run: FollowRun): Promise<void> {
  const closed = new AbortController();
  const signal = AbortSignal.any([run.signal, closed.signal]);
  // each container listens for the end
  setMaxListeners(0, signal);
  const pods = new Map<string, readonly PodEntry[]>();
  let failure: { readonly error: unknown } | undefined;
  let isListed = false;
  const follow = (pod: Pod): readonly PodEntry[] => {
    const start = isListed ? {} : options.start;
    const entries = logContainers(pod, query).map((source) => ({ source, ...watchedPod(pod) }));
    const work = entries.map((entry) => followContainer(entry.source, { pod: entry, start }, { ...run, signal }));
    Promise.all(work).then(
      () => {
        if (query.podName !== undefined && entries.every(({ now }) => isOver(now()))) closed.abort();
      },
      (error: unknown) => {
        failure ??= { error };
        closed.abort();
      },
    );
    return entries;
  };
  const onPod = (pod: Pod, isGone: boolean) => {
    const id = pod.metadata.uid ?? pod.metadata.name;
    const known = pods.get(id);
    for (const entry of known ?? []) entry.set(isGone ? undefined : pod);
    if (isGone) pods.delete(id);
    else if (!known && logContainers(pod, query).length > 0) pods.set(id, follow(pod));
  };
  const first: Pod[] = [];
  try {
    for await (const event of run.kube.watch(podQuery(query), { signal })) {
      if (event.type === 'listed') {
        if (pods.size === 0 && options.whenMissing === 'fail') throw noSource(first, query);
        isListed = true;
      } else if (event.type === 'interrupted') run.log.debug(`The watch of pods broke: ${errorText(event.error)}`);
      else if (event.type !== 'resumed') {
        const pod = event.object as Pod;
        if (!isListed) first.push(pod);
        onPod(pod, event.type === 'deleted');
      }
    }
  } catch (error) {
    if (run.signal.aborted) throw abortReason(run.signal);
    if (failure) throw failure.error;
    if (!closed.signal.aborted) throw error;
  } finally {
    closed.abort();
  }
}

interface PodEntry extends WatchedPod {
  set(pod: Pod | undefined): void;
}

function watchedPod(first: Pod): PodEntry {
  const changed = createBell();
  const gone = new AbortController();
  let latest: Pod | undefined = first;
  return {
    changed,
    gone: gone.signal,
    now: () => latest,
    set(pod) {
      latest = pod;
      changed.ring();
      if (!pod) gone.abort();
    },
  };
}
