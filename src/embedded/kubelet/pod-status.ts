import { type Condition, timestamp } from '../api/objects.ts';
import type { ContainerStatus, Pod, PodStatus } from '../api/pod-types.ts';

/** The phase that follows from the containers. Source: Kubernetes, "pod lifecycle". */
export function toPhase(pod: Pod, inits: readonly ContainerStatus[], containers: readonly ContainerStatus[]): string {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const failedInit = inits.some(({ state }) => state.terminated && state.terminated.exitCode !== 0);
  if (failedInit && policy === 'Never') return 'Failed';
  if (inits.some(({ state }) => state.terminated?.exitCode !== 0)) return 'Pending';
  const ended = containers.filter(({ state }) => state.terminated);
  const everStarted = containers.every(
    ({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated,
  );
  if (!everStarted || containers.length === 0) return 'Pending';
  if (ended.length < containers.length || policy === 'Always') return 'Running';
  const failed = ended.some(({ state }) => state.terminated?.exitCode !== 0);
  if (!failed) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

/** The conditions that follow from the containers; times move only when a condition changes. */
export function toConditions(pod: Pod, status: PodStatus): Condition[] {
  const inits = status.initContainerStatuses ?? [];
  const containers = status.containerStatuses ?? [];
  const isDone = status.phase === 'Succeeded';
  const waitingInits = inits.filter(({ state }) => state.terminated?.exitCode !== 0).map(({ name }) => name);
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const reason = isDone ? 'PodCompleted' : status.phase === 'Failed' ? 'PodFailed' : 'ContainersNotReady';
  const message = isDone ? undefined : `containers with unready status: [${unready.join(' ')}]`;
  const notReady =
    unready.length === 0 && containers.length > 0
      ? undefined
      : { reason, ...(message === undefined ? {} : { message }) };
  const notInitialized = {
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${waitingInits.join(' ')}]`,
  };
  return [
    condition(pod, 'PodReadyToStartContainers', containers.some(({ state }) => state.running) ? undefined : {}),
    condition(pod, 'Initialized', waitingInits.length === 0 ? undefined : notInitialized),
    condition(pod, 'Ready', notReady),
    condition(pod, 'ContainersReady', notReady),
    condition(pod, 'PodScheduled', undefined),
  ];
}

function condition(pod: Pod, type: string, problem: { reason?: string; message?: string } | undefined): Condition {
  const status = problem ? 'False' : 'True';
  const before = pod.status?.conditions?.find((item) => item.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : undefined;
  return { type, status, ...problem, lastTransitionTime: lastTransitionTime ?? timestamp() };
}
