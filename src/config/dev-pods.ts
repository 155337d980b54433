import type { Model } from './schema/v2beta1.ts';
import type { TargetSelector } from './types.ts';

/** An entry under `dev`. */
export type PodModel = NonNullable<Model['dev']>[string];
export type ContainerModel = NonNullable<PodModel['containers']>[string];

/** The containers of a pod; what stands in the pod itself is its only container. */
export const containersOf = (pod: PodModel): ContainerModel[] => [
  pod,
  ...Object.entries(pod.containers ?? {}).map(([container, entry]) => ({ ...entry, container })),
];

export function toTarget(pod: PodModel, container: ContainerModel): TargetSelector {
  return {
    labelSelector: pod.labelSelector ?? {},
    ...(pod.imageSelector ? { imageSelector: pod.imageSelector } : {}),
    ...(pod.namespace ? { namespace: pod.namespace } : {}),
    ...(container.container ? { containerName: container.container } : {}),
  };
}
