import type { ContainerStatus, Pod } from './objects.ts';

/** What is known about a pod, in the words of `kubectl get pods`. */
export interface PodState {
  readonly text: string;
  /** All containers have started. Readiness is another matter. */
  readonly running: boolean;
  readonly ready: boolean;
  /** Absent while the pod may still come up by itself. */
  readonly problem?: PodProblem;
}

export interface PodProblem {
  readonly reason: string;
  readonly message: string;
  /** Set if the container has printed something that explains it. */
  readonly container?: string;
}

/** Waiting reasons that do not go away by waiting (our reference, `spec-dev.md` section 5.1). */
const fatalReasons = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CrashLoopBackOff',
  'RunContainerError',
  'CreateContainerConfigError',
  'CreateContainerError',
]);

export function podState(pod: Pod): PodState {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const main = pod.status?.containerStatuses ?? [];
  const started = main.length > 0 && main.every(({ state }) => state?.running !== undefined);
  const running = started && pod.metadata.deletionTimestamp === undefined;
  const problem = statuses.map(problemOf).find(Boolean) ?? schedulingProblem(pod);
  const waiting = statuses.map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason).find(Boolean);
  const text = pod.metadata.deletionTimestamp ? 'Terminating' : (waiting ?? pod.status?.phase ?? 'Pending');
  return { text, running, ready: running && main.every(({ ready }) => ready), ...(problem ? { problem } : {}) };
}

function problemOf(status: ContainerStatus): PodProblem | undefined {
  const { waiting, terminated } = status.state ?? {};
  if (waiting?.reason !== undefined && fatalReasons.has(waiting.reason)) {
    const last = status.lastState?.terminated;
    if (waiting.reason === 'CrashLoopBackOff') {
      const message = `container ${status.name} ends again and again, last with exit code ${last?.exitCode ?? 'unknown'}`;
      return { reason: waiting.reason, message, container: status.name };
    }
    return { reason: waiting.reason, message: `container ${status.name}: ${waiting.message ?? 'no further word'}` };
  }
  if (terminated && terminated.exitCode !== 0) {
    const message = `container ${status.name} ended with exit code ${terminated.exitCode}`;
    return { reason: terminated.reason ?? 'Error', message, container: status.name };
  }
  return undefined;
}

/** The scheduler may find room later, so this explains a time-out but is not certain. */
function schedulingProblem(pod: Pod): PodProblem | undefined {
  const condition = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition?.reason !== 'Unschedulable') return undefined;
  return { reason: 'Unschedulable', message: condition.message ?? 'no node fits' };
}

export function isCertain(problem: PodProblem): boolean {
  return fatalReasons.has(problem.reason);
}
