import { abortReason, sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { plainText } from '../core/redact.ts';
import type { KubeClient } from '../kube/client.ts';
import { noneIfForbidden } from '../kube/errors.ts';
import { type KubeObject, objectName, type Pod, refOf } from '../kube/objects.ts';
import { isCertain, podState } from '../kube/pod-state.ts';
import { isWorkload, podSelector, type Rollout, rolloutOf } from './rollout.ts';
import { createProblemTeller, readProblems, type UnreadyWorkload } from './tell-problems.ts';

export interface WaitOptions {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Called before the rejection with those of the given objects that are to blame. */
  onFailure?(objects: readonly KubeObject[], error: UserError): void;
}

const pollMs = 500;
/** What became ready must still be so after this time. */
const settleMs = 1_000;
const logLines = 20;

/**
 * Waits until every workload among the objects, given as the cluster answered, runs its new version and is ready. Rejects with `DEPLOY_FAILED` as soon
 * as a cause is certain (image cannot be pulled, crash loop with its last log lines …), with `DEPLOY_TIMEOUT` and
 * what is known at the deadline.
 */
export async function waitReady(objects: readonly KubeObject[], options: WaitOptions): Promise<void> {
  const workloads = objects.filter(isWorkload);
  const startedAt = Date.now();
  // what was changed may have become ready, and be about to crash, before the first look
  let mustSettle = workloads.some((given) => !rolloutOf(given).complete);
  let restarts: ReadonlyMap<string, number> | undefined;
  const tellProblems = createProblemTeller(options);
  for (;;) {
    const seen = await lookAt(workloads, options);
    const open = seen.filter(({ rollout }) => !rollout.complete);
    if (open.length === 0) {
      if (!mustSettle) break;
      // without a readiness probe a container counts as ready in the moment before it crashes, and after it
      const now = await restartsOf(seen, options);
      const again = now.filter(({ pod, count }) => count > (restarts?.get(pod) ?? count));
      if (restarts && again.length === 0) break;
      restarts = new Map(now.map(({ pod, count }) => [pod, count]));
      if (again.length > 0 && Date.now() - startedAt > options.timeoutMs) throw restartError(again, options);
      await sleep(settleMs, options.signal);
      continue;
    }
    mustSettle = true;
    restarts = undefined;
    for (const { given, object, rollout } of open) {
      const cause = rollout.begun ? await findCause(object, rollout, options) : undefined;
      if (cause) throw blame([{ given, object, rollout }], cause, options);
    }
    options.log.status(
      `Waiting for ${open.map(({ object, rollout }) => `${object.kind} ${object.metadata.name}: ${rollout.text}`).join(', ')}`,
    );
    if (Date.now() - startedAt > options.timeoutMs) throw blame(open, await timeoutError(open, options), options);
    await tellProblems(() => unreadyOf(open, options));
    await sleep(pollMs, options.signal);
  }
  options.log.status(undefined);
}

interface Restarts {
  readonly workload: SeenWorkload;
  readonly pod: string;
  readonly count: number;
}

/** How often the containers of each pod have been started again; nothing for roles that may not list pods. */
async function restartsOf(seen: readonly SeenWorkload[], options: WaitOptions): Promise<Restarts[]> {
  const lists = seen.map(async (workload) => {
    const pods = await newestPods(workload.object, options).catch(noneIfForbidden);
    return pods.map(({ metadata, status }): Restarts => {
      const counts = (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
      return { workload, pod: metadata.name, count: counts.reduce((sum, count) => sum + count, 0) };
    });
  });
  return (await Promise.all(lists)).flat();
}

function restartError(again: readonly Restarts[], options: WaitOptions): UserError {
  const [most] = [...again].sort((one, other) => other.count - one.count);
  const seconds = Math.round(options.timeoutMs / 1000);
  const words = `Not settled after ${seconds} seconds. Pod ${most?.pod} is started again and again.`;
  return blame([...new Set(again.map(({ workload }) => workload))], new UserError('DEPLOY_TIMEOUT', words), options);
}

/** Waits until each workload has a pod of its new version, so that an old one is not taken for it. */
export async function waitBegun(objects: readonly KubeObject[], options: WaitOptions): Promise<void> {
  const startedAt = Date.now();
  const tellProblems = createProblemTeller(options);
  for (;;) {
    const open = (await lookAt(objects.filter(isWorkload), options)).filter(({ rollout }) => !rollout.begun);
    if (open.length === 0) return;
    if (Date.now() - startedAt > options.timeoutMs) throw blame(open, await timeoutError(open, options), options);
    await tellProblems(() => unreadyOf(open, options));
    await sleep(pollMs, options.signal);
  }
}

/** The workloads with the pods of their new version, if they have any. */
const unreadyOf = (open: readonly SeenWorkload[], options: WaitOptions): Promise<UnreadyWorkload[]> =>
  Promise.all(
    open.map(async ({ object, rollout }) => ({ object, pods: rollout.begun ? await newestPods(object, options) : [] })),
  );

function blame(open: readonly SeenWorkload[], error: UserError, { onFailure }: WaitOptions): UserError {
  onFailure?.(
    open.map(({ given }) => given),
    error,
  );
  return error;
}

interface SeenWorkload {
  /** The object as it was given. */
  readonly given: KubeObject;
  /** The object as the cluster has it now. */
  readonly object: KubeObject;
  readonly rollout: Rollout;
}

async function lookAt(workloads: readonly KubeObject[], { kube, signal }: WaitOptions): Promise<SeenWorkload[]> {
  if (signal.aborted) throw abortReason(signal);
  const now = await Promise.all(workloads.map((workload) => kube.read(refOf(workload), signal)));
  return workloads.map((given, index) => {
    const object = now[index] ?? given;
    return { given, object, rollout: rolloutOf(object) };
  });
}

interface CauseOptions extends Pick<WaitOptions, 'kube' | 'signal'> {
  /** Only pods that were made since then (ISO time of the cluster). */
  readonly bornSince?: string;
}

/** Why the workload can never become ready, as `DEPLOY_FAILED`; `undefined` while nothing is certain. */
export async function findCause(
  object: KubeObject,
  rollout: Rollout,
  options: CauseOptions,
): Promise<UserError | undefined> {
  if (rollout.failed !== undefined) {
    return new UserError('DEPLOY_FAILED', `${objectName(refOf(object))}: ${rollout.failed}`);
  }
  for (const pod of await newestPods(object, options)) {
    const { problem } = podState(pod);
    const counts = options.bornSince === undefined || createdAt(pod) >= options.bornSince;
    if (counts && problem && isCertain(problem)) return podError(pod, options);
  }
  return undefined;
}

/** The pods of the workload's newest version: older ones may be broken, but are about to go. */
async function newestPods(object: KubeObject, { kube, signal }: Pick<WaitOptions, 'kube' | 'signal'>): Promise<Pod[]> {
  if (object.kind === 'Pod') return [object as Pod];
  const labelSelector = podSelector(object);
  if (labelSelector === undefined) return [];
  const namespace = object.metadata.namespace ?? kube.namespace;
  const list = (apiVersion: string, kind: string) => kube.list({ apiVersion, kind, namespace, labelSelector }, signal);
  const pods = (await list('v1', 'Pod')) as Pod[];
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (object.kind === 'Deployment') {
    // a role that may deploy does not always include replica sets
    const hash = currentHash(object, await list('apps/v1', 'ReplicaSet').catch(noneIfForbidden));
    if (hash !== undefined) return alive.filter((pod) => versionOf(pod) === hash);
  }
  // two pods may be of the same second, so the time decides only where nothing better is known
  const newest = alive.reduce<Pod | undefined>(
    (best, pod) => (best && createdAt(best) >= createdAt(pod) ? best : pod),
    undefined,
  );
  return alive.filter((pod) => versionOf(pod) === (updateRevision(object) ?? (newest && versionOf(newest))));
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** The template hash of the deployment's current revision, `undefined` if its replica set is not known. */
function currentHash(deployment: KubeObject, replicaSets: readonly KubeObject[]): string | undefined {
  const revisionOf = ({ metadata }: KubeObject) => metadata.annotations?.[revisionAnnotation];
  const revision = revisionOf(deployment);
  const current = replicaSets.find((replicaSet) => revisionOf(replicaSet) === revision);
  return current?.metadata.labels?.['pod-template-hash'];
}

const updateRevision = ({ status }: KubeObject): string | undefined =>
  (status as { readonly updateRevision?: string } | undefined)?.updateRevision;

const createdAt = (pod: Pod): string => pod.metadata.creationTimestamp ?? '';
const versionOf = ({ metadata: { labels = {} } }: Pod): string | undefined =>
  labels['pod-template-hash'] ?? labels['controller-revision-hash'];

/** What the cluster says about a pod that cannot run, with the last lines that it printed. */
export async function podError(pod: Pod, options: Pick<WaitOptions, 'kube' | 'signal'>): Promise<UserError> {
  const { problem, text } = podState(pod);
  const namespace = pod.metadata.namespace ?? options.kube.namespace;
  const headline = `Pod ${namespace}/${pod.metadata.name}: ${problem ? `${problem.reason}, ${problem.message}` : text}`;
  const lines = problem?.container === undefined ? '' : await lastLines(pod, problem.container, options);
  return new UserError('DEPLOY_FAILED', lines === '' ? headline : `${headline}\nIts last lines:\n${lines}`);
}

/** The last lines that a container printed, indented, of the run before this one if there was one. */
export async function lastLines(
  pod: Pod,
  container: string,
  { kube, signal }: Pick<WaitOptions, 'kube' | 'signal'>,
): Promise<string> {
  const ref = { namespace: pod.metadata.namespace ?? kube.namespace, pod: pod.metadata.name, container };
  for (const run of ['previous', 'current'] as const) {
    // a container that never ran has no log, and then there is nothing to show
    const text = await kube.readLog(ref, { tailLines: logLines, run, signal }).catch(() => '');
    if (text.trim() !== '') return plainText(text).trimEnd().replace(/^/gm, '  ');
  }
  return '';
}

async function timeoutError(open: readonly SeenWorkload[], options: WaitOptions): Promise<UserError> {
  const seconds = Math.round(options.timeoutMs / 1000);
  const unready = await unreadyOf(open, options);
  const problems = await readProblems(unready, options);
  const wordsOf = ({ kind, metadata }: KubeObject) => {
    const problem = problems.find(({ kind: ofKind, name }) => ofKind === kind && name === metadata.name);
    return problem && `${problem.reason} (${problem.message})`;
  };
  const parts = open.map(({ object, rollout }, index) => {
    const pods = unready[index]?.pods ?? [];
    const states = pods.map((pod) => `${pod.metadata.name} ${wordsOf(pod) ?? podState(pod).text}`);
    return `${objectName(refOf(object))}: ${[rollout.text, wordsOf(object), ...states].filter(Boolean).join('; ')}`;
  });
  return new UserError('DEPLOY_TIMEOUT', `Not ready after ${seconds} seconds. ${parts.join('. ')}`);
}
