import { abortReason } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import type { Bell } from '../core/bell.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Pod } from '../kube/objects.ts';
import { hasLog, isOver, type LogSource, statusOf } from './log-sources.ts';
import type { LogRun, LogStart } from './print-logs.ts';
import { createResumePoint, type ResumePoint } from './resume-point.ts';
import { readStampedLines } from './stamped-lines.ts';

/** A pod that somebody watches. */
export interface WatchedPod {
  /** As the cluster has last described it; `undefined` once it is gone. */
  readonly now: () => Pod | undefined;
  /** Rings at each change. */
  readonly changed: Bell;
  /** Aborts when it is gone. */
  readonly gone: AbortSignal;
}

export interface FollowRun extends LogRun {
  readonly log: Log;
}

/** Nothing is polled: this only bounds a wait that a change ends. */
const longMs = 3_600_000;
/** A container that is gone may still have words on their way. */
const lastWordsMs = 3_000;
const firstPauseMs = 300;
const longestPauseMs = 5_000;

/**
 * Writes what one container prints, also over its restarts and over lost connections, each line once. Resolves when the
 * pod is gone or has ended.
 */
export async function followContainer(
  source: LogSource,
  options: { readonly pod: WatchedPod; readonly start: LogStart },
  run: FollowRun,
): Promise<void> {
  const { pod } = options;
  const { signal } = run;
  const point = createResumePoint();
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  let { start } = options;
  let runs: number | undefined;
  let isLost = false;
  for (;;) {
    const now = await started(source, pod, signal);
    if (!now) return;
    const count = statusOf(now, source.container)?.restartCount ?? 0;
    try {
      if (runs !== undefined && count > runs) {
        start = {};
        if (count > runs + 1) tellMissed(source, run);
        // its last words may have been printed while the connection was lost
        await readOnce(source, { pod, point, start, previous: true }, run).catch(ignoreRefusal);
      }
      runs = count;
      await readOnce(source, { pod, point, start, follow: true }, run);
      if (isLost) run.log.info(`The log of ${nameOf(source)} is back`);
      isLost = false;
      backoff.reset();
      if (isOver(pod.now())) return;
      if (isRunning(pod.now(), source.container)) await pod.changed.wait(backoff.next(), signal);
      else await changedAfter(source, pod, { count, signal });
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (pod.now() === undefined) return;
      if (!mayPass(error)) throw error;
      if (isBroken(error) && !isLost) run.log.warn(`${errorText(error)}. Trying again.`);
      isLost ||= isBroken(error);
      await pod.changed.wait(backoff.next(), signal);
    }
  }
}

const codeOf = (error: unknown): string | undefined => (error instanceof UserError ? error.code : undefined);

const isBroken = (error: unknown): boolean => ['KUBE_STREAM', 'KUBE_UNREACHABLE'].includes(codeOf(error) ?? '');

/** Whether it may work the next time: the pod may be about to start or to go. */
const mayPass = (error: unknown): boolean =>
  isBroken(error) || ['KUBE_NOT_FOUND', 'CONTAINER_NOT_RUNNING', 'KUBE_REJECTED'].includes(codeOf(error) ?? '');

const nameOf = ({ pod, container }: LogSource): string => `pod ${pod}, container ${container}`;

const isRunning = (pod: Pod | undefined, container: string): boolean =>
  pod !== undefined && statusOf(pod, container)?.state?.running !== undefined;

const tellMissed = (source: LogSource, { log }: FollowRun): void =>
  log.warn(`${nameOf(source)} has started anew several times meanwhile; lines of its log may be missing`);

/** The log of an earlier run may be removed at any time. */
function ignoreRefusal(error: unknown): void {
  if (isBroken(error) || !mayPass(error)) throw error;
}

/** The pod as soon as the container has run; `undefined` if it will not any more. */
async function started(source: LogSource, pod: WatchedPod, signal: AbortSignal): Promise<Pod | undefined> {
  for (;;) {
    const now = pod.now();
    if (now === undefined || hasLog(now, source.container)) return now;
    if (isOver(now)) return undefined;
    await pod.changed.wait(longMs, signal);
  }
}

/** Waits until the container runs for another time or the pod is over. */
async function changedAfter(
  { container }: LogSource,
  { now, changed }: WatchedPod,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const pod = now();
    if (!pod || isOver(pod) || isRunning(pod, container)) return;
    if ((statusOf(pod, container)?.restartCount ?? 0) !== count) return;
    await changed.wait(longMs, signal);
  }
}

interface ReadOptions {
  readonly pod: WatchedPod;
  readonly point: ResumePoint;
  readonly start: LogStart;
  readonly follow?: boolean;
  readonly previous?: boolean;
}

async function readOnce(
  source: LogSource,
  { pod, point, start, ...which }: ReadOptions,
  { kube, signal, write }: FollowRun,
): Promise<void> {
  const { sinceTime } = point;
  const from = sinceTime === undefined ? start : { sinceTime };
  point.reopened();
  const closed = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onGone = () => {
    timer = setTimeout(() => closed.abort(), lastWordsMs);
  };
  if (pod.gone.aborted) onGone();
  else pod.gone.addEventListener('abort', onGone, { once: true });
  try {
    const options = { ...from, ...which, timestamps: true, signal: AbortSignal.any([signal, closed.signal]) };
    const log = await kube.streamLog(source, options);
    for await (const { stamp, text } of readStampedLines(log)) {
      if (point.take(stamp)) await write({ source, text });
    }
  } finally {
    clearTimeout(timer);
    pod.gone.removeEventListener('abort', onGone);
    closed.abort();
  }
}
