import { type Condition, type KubeObject, type Pod, refOf } from '../kube/objects.ts';
import { podState } from '../kube/pod-state.ts';
import { isWorkload, rolloutOf } from './rollout.ts';

/** Restarts and events before that have lost their meaning (our reference, `spec-dev.md` section 16). */
const [restartsMs, eventsMs] = [2 * 3_600_000, 30 * 60_000];
/** A young pod that the cluster warns of may well come up. */
const youngMs = 30_000;

export interface NamespaceState {
  readonly pods: readonly Pod[];
  readonly workloads: readonly KubeObject[];
  readonly events: readonly KubeObject[];
  /** Milliseconds since the epoch, of the cluster's clock. */
  readonly now: number;
}

/** Whether containers that started anew within two hours are a problem, too. */
export type RestartChoice = 'count' | 'ignore';

export interface Problem {
  readonly kind: string;
  readonly name: string;
  /** In the words of the cluster, such as `CrashLoopBackOff`. */
  readonly reason: string;
  readonly message: string;
  /** Whose last lines explain it. */
  readonly pod?: Pod;
  readonly container?: string;
  /** The cluster only warns. */
  readonly certainty?: 'warning';
}

/** What does not work, pods first, and the workloads that have no pod to say why. */
export function selectProblems(
  state: NamespaceState,
  restarts: RestartChoice,
): { readonly problems: Problem[]; readonly unsettled: string[] } {
  const podProblems = state.pods.flatMap((pod) => problemsOfPod(pod, state, restarts));
  const workloads = state.workloads.flatMap((workload) => problemOfWorkload(workload, state));
  const namesOf = (certainty: 'warning' | undefined) =>
    new Set(podProblems.filter((problem) => problem.certainty === certainty).map(({ name }) => name));
  const [certain, warned] = [namesOf(undefined), namesOf('warning')];
  const unsettled = state.pods.filter(({ metadata, status }) => {
    const isYoung = state.now - Date.parse(metadata.creationTimestamp ?? '') < youngMs;
    if (certain.has(metadata.name) || (warned.has(metadata.name) && !isYoung)) return false;
    if (metadata.deletionTimestamp !== undefined) return true;
    const { phase } = status ?? {};
    return phase !== 'Succeeded' && phase !== 'Failed' && !isReady(status?.conditions);
  });
  return { problems: [...podProblems, ...workloads], unsettled: unsettled.map(({ metadata }) => metadata.name) };
}

const isReady = (conditions: readonly Condition[] = []): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

function problemsOfPod(pod: Pod, state: NamespaceState, restarts: RestartChoice): Problem[] {
  const about = { kind: 'Pod', name: pod.metadata.name, pod };
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const { problem } = podState(pod);
  if (problem) return [{ ...about, ...problem }];
  if (pod.status?.phase === 'Failed') {
    const { reason = 'Failed', message = 'no further word' } = pod.status;
    return [{ ...about, reason, message }];
  }
  const warning = isReady(pod.status?.conditions) ? undefined : newestWarning(pod, state);
  const warned =
    warning && pod.status?.phase !== 'Succeeded' ? [{ ...about, ...warning, certainty: 'warning' as const }] : [];
  const since = state.now - restartsMs;
  const restarted = (pod.status?.containerStatuses ?? []).flatMap(({ name, restartCount, lastState }): Problem[] => {
    const ended = lastState?.terminated;
    const at = Date.parse((ended as { finishedAt?: string } | undefined)?.finishedAt ?? '');
    if (restarts === 'ignore' || !ended || !(at >= since)) return [];
    const message = `container ${name} started anew ${restartCount} times, last after exit code ${ended.exitCode} at ${new Date(at).toISOString()}`;
    return [{ ...about, reason: 'Restarted', message, container: name }];
  });
  return [...warned, ...restarted];
}

/** A workload without a pod cannot be explained by one: quota, rights and admission speak in its conditions and events. */
function problemOfWorkload(workload: KubeObject, state: NamespaceState): Problem[] {
  if (!isWorkload(workload)) return [];
  const about = { kind: workload.kind, name: workload.metadata.name };
  const { status, metadata } = workload as KubeObject & { status?: { conditions?: readonly Condition[] } };
  const rollout = rolloutOf(workload);
  if (rollout.failed !== undefined) return [{ ...about, reason: 'Failed', message: rollout.failed }];
  // what a deployment owns is told by the deployment
  if (rollout.complete || (metadata['ownerReferences'] as unknown[] | undefined)?.length) return [];
  const failure = status?.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
  if (failure) {
    return [{ ...about, reason: failure.reason ?? 'ReplicaFailure', message: failure.message ?? rollout.text }];
  }
  const warning = rollout.begun ? undefined : newestWarning(workload, state);
  return warning ? [{ ...about, ...warning }] : [];
}

interface EventFields {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: { readonly uid?: string; readonly kind?: string; readonly name?: string };
}

/** The newest warning about an object, if it is not too old. */
function newestWarning(
  object: KubeObject,
  { events, now }: NamespaceState,
): { reason: string; message: string } | undefined {
  const { kind, name } = refOf(object);
  const fitting = events.flatMap((event) => {
    const { type, reason, message, count, lastTimestamp, eventTime, involvedObject } = event as KubeObject &
      EventFields;
    const at = Date.parse(lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? '');
    const isIts = involvedObject?.kind === kind && involvedObject.name === name;
    if (type !== 'Warning' || !isIts || !(now - at < eventsMs)) return [];
    const times = count !== undefined && count > 1 ? ` (${count} times)` : '';
    return [{ at, reason: reason ?? 'Warning', message: `${(message ?? 'no further word').trim()}${times}` }];
  });
  const [newest] = fitting.sort((a, b) => b.at - a.at);
  return newest && { reason: newest.reason, message: newest.message };
}
