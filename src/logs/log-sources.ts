import { selectContainers, type TargetQuery } from '../kube/find-target.ts';
import type { ContainerRef, ContainerStatus, Pod } from '../kube/objects.ts';

export interface LogSource extends ContainerRef {
  /** What its lines are told apart by: the pod, with the container if the pod has several. */
  readonly name: string;
}

/** Pure: the containers of the pod whose logs are meant: all of them if nothing names one. */
export function logContainers(pod: Pod, query: TargetQuery): LogSource[] {
  const { name: podName, namespace = query.namespace } = pod.metadata;
  const isOnly = pod.spec.containers.length === 1;
  return selectContainers(pod, query).map((container) => {
    const name = isOnly ? podName : `${podName} ${container}`;
    return { namespace, pod: podName, container, name };
  });
}

export const statusOf = (pod: Pod, container: string): ContainerStatus | undefined =>
  [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container,
  );

/** Pure: whether the container has run, so that it has a log. */
export function hasLog(pod: Pod, container: string): boolean {
  const status = statusOf(pod, container);
  if (!status) return false;
  return (status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated) !== undefined;
}

/** Pure: whether nothing more will come from the pod. */
export const isOver = (pod: Pod | undefined): boolean =>
  pod === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** The oldest pod first, so that each run prints them in the same order. */
export const oldestFirst = ({ metadata: a }: Pod, { metadata: b }: Pod): number =>
  (a.creationTimestamp ?? '').localeCompare(b.creationTimestamp ?? '') || a.name.localeCompare(b.name);
