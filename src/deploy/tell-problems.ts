import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import { noneIfForbidden } from '../kube/errors.ts';
import type { KubeObject, Pod } from '../kube/objects.ts';
import { type Problem, selectProblems } from './select-problems.ts';

/** A workload that is waited for, with the pods of its new version. */
export interface UnreadyWorkload {
  readonly object: KubeObject;
  readonly pods: readonly Pod[];
}

interface ProblemRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Much of what is in the way passes by itself in a moment. */
const passesWithinMs = 4_000;
/** Events are many, so the cluster is not asked at each look. */
const pauseMs = 2_000;

/**
 * Tells as a warning, once, what keeps a workload from becoming ready although it may still pass: no node with room, a quota,
 * a volume that is not there, a failing probe. Made for one wait; the returned function is called at each look.
 */
export function createProblemTeller(run: ProblemRun): (unready: () => Promise<UnreadyWorkload[]>) => Promise<void> {
  const seenSince = new Map<string, number>();
  const told = new Set<string>();
  let next = 0;
  return async (unready) => {
    const now = Date.now();
    if (now < next) return;
    next = now + pauseMs;
    const problems = await readProblems(await unready(), run);
    for (const { kind, name, reason, message } of problems) {
      const key = `${kind} ${name} ${reason}`;
      const since = seenSince.get(key) ?? now;
      seenSince.set(key, since);
      if (now - since < passesWithinMs || told.has(key)) continue;
      told.add(key);
      run.log.warn(`${kind} ${name}: ${reason}, ${message}`);
    }
  };
}

/** What the cluster says of the workloads and their pods at the moment. Roles that may not read events get less. */
export async function readProblems(
  unready: readonly UnreadyWorkload[],
  { kube, signal }: Omit<ProblemRun, 'log'>,
): Promise<Problem[]> {
  const namespaces = new Set(unready.map(({ object }) => object.metadata.namespace ?? kube.namespace));
  const lists = [...namespaces].map((namespace) =>
    kube
      .list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'type=Warning' }, signal)
      .catch(noneIfForbidden),
  );
  const events = (await Promise.all(lists)).flat();
  const workloads = unready.map(({ object }) => object).filter(({ kind }) => kind !== 'Pod');
  return selectProblems({ pods: unready.flatMap(({ pods }) => pods), workloads, events, now: Date.now() }, 'ignore')
    .problems;
}
