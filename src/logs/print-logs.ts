import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { describeQuery, podsOf, type TargetQuery } from '../kube/find-target.ts';
import type { Pod } from '../kube/objects.ts';
import { podState } from '../kube/pod-state.ts';
import { hasLog, type LogSource, logContainers, oldestFirst, statusOf } from './log-sources.ts';
import { readStampedLines, type StampedLine } from './stamped-lines.ts';

export interface LogLine {
  readonly source: LogSource;
  /** Without its newline; any bytes. */
  readonly text: Buffer;
}

/** How much of what was printed before is wanted; everything without both. */
export interface LogStart {
  /** So many of the last lines of each container. */
  readonly tailLines?: number | undefined;
  readonly sinceSeconds?: number | undefined;
}

export interface LogRun {
  readonly kube: KubeClient;
  readonly signal: AbortSignal;
  /** Gets one line at a time; reading goes on when it has taken it. */
  write(line: LogLine): Promise<void>;
}

export type LogChoice = 'current' | 'previous';

/**
 * The containers whose log can be read now. Rejects with `TARGET_NOT_FOUND` if no container fits, or none of them has
 * run, or none had an earlier run.
 */
export async function findLogSources(
  query: TargetQuery,
  choice: LogChoice,
  { kube, signal }: Pick<LogRun, 'kube' | 'signal'>,
): Promise<readonly LogSource[]> {
  const pods = (await podsOf(query, kube, signal)).sort(oldestFirst);
  return selectSources(pods, query, choice);
}

/** Writes what the containers have printed so far, the lines of all of them in the order of their times. */
export async function printLogs(
  sources: readonly LogSource[],
  { choice, ...start }: LogStart & { readonly choice: LogChoice },
  { kube, signal, write }: LogRun,
): Promise<void> {
  const closed = new AbortController();
  const previous = choice === 'previous';
  const options = { ...start, previous, timestamps: true, signal: AbortSignal.any([signal, closed.signal]) };
  try {
    const readers = await Promise.all(
      sources.map(async (source) => ({ source, lines: readStampedLines(await kube.streamLog(source, options)) })),
    );
    for await (const line of mergeByTime(readers)) await write(line);
  } finally {
    // one that failed must not leave the others open
    closed.abort();
  }
}

/** Pure: the containers with a log, or the error that says why there is none. */
function selectSources(pods: readonly Pod[], query: TargetQuery, choice: LogChoice): LogSource[] {
  const found = pods.flatMap((pod) => logContainers(pod, query).map((ref) => ({ pod, ref })));
  if (found.length === 0) throw noSource(pods, query);
  const usable = found.filter(({ pod, ref: { container } }) =>
    choice === 'current' ? hasLog(pod, container) : (statusOf(pod, container)?.restartCount ?? 0) > 0,
  );
  if (usable.length > 0) return usable.map(({ ref }) => ref);
  const names = found.map(({ ref }) => `container ${ref.container} of pod ${ref.pod}`).join(', ');
  if (choice === 'previous') {
    throw new UserError('TARGET_NOT_FOUND', `There is no earlier run: ${names} has not started anew.`, {
      hint: 'Leave out --previous to see the log of the current run.',
    });
  }
  const [first] = found;
  const state = first && podState(first.pod);
  const why = state?.problem ? `${state.problem.reason}, ${state.problem.message}` : (state?.text ?? '');
  throw new UserError('TARGET_NOT_FOUND', `There is no log yet: ${names} has not started (${why}).`);
}

/** Pure: why no container fits, as an error. */
export function noSource(pods: readonly Pod[], query: TargetQuery): UserError {
  const withoutName = { ...query, containerName: undefined };
  const pod = pods.find((one) => logContainers(one, withoutName).length > 0);
  const why =
    pod && query.containerName !== undefined
      ? `pod ${pod.metadata.name} has no container ${query.containerName}; it has ${pod.spec.containers.map(({ name }) => name).join(', ')}`
      : `there is no ${describeQuery(query)}`;
  return new UserError('TARGET_NOT_FOUND', `No container to use in namespace ${query.namespace}: ${why}`);
}

interface Reader {
  readonly source: LogSource;
  readonly lines: AsyncIterator<StampedLine>;
}

/** The lines of all readers by their times; those of one reader stay in the order in which they come. */
async function* mergeByTime(readers: readonly Reader[]): AsyncGenerator<LogLine> {
  const advance = async (reader: Reader) => ({ ...reader, next: await reader.lines.next() });
  let heads = await Promise.all(readers.map(advance));
  for (;;) {
    heads = heads.filter(({ next }) => next.done !== true);
    const [first, ...others] = heads;
    if (!first) return;
    const earliest = others.reduce((best, head) => (stampOf(head) < stampOf(best) ? head : best), first);
    const { source, next } = earliest;
    if (next.done !== true) yield { source, text: next.value.text };
    heads[heads.indexOf(earliest)] = await advance(earliest);
  }
}

const stampOf = ({ next }: { readonly next: IteratorResult<StampedLine> }): string =>
  next.done === true ? '' : next.value.stamp;
