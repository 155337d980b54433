import { abortReason, sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient, ListQuery } from './client.ts';
import { repositoryOf } from './image-names.ts';
import type { ContainerRef, Pod } from './objects.ts';
import { podState } from './pod-state.ts';

/** Which container is wanted. */
export interface TargetQuery {
  readonly namespace: string;
  readonly labelSelector: Readonly<Record<string, string>>;
  /** Repository of an image, without a tag: only containers that run it count. */
  readonly imageRepository?: string;
  /** Name of the pod; any without it. */
  readonly podName?: string | undefined;
  /** Absent: the only container, else the first one. */
  readonly containerName?: string | undefined;
}

export interface FindOptions {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long to wait for a running pod, 0: not at all. */
  readonly timeoutMs: number;
}

export type Selection =
  | { readonly found: ContainerRef }
  | { readonly found: undefined; readonly why: string; readonly pod?: Pod };

const pollMs = 300;

/**
 * Waits for a running container that fits. The newest pod that is not about to go counts. What keeps it from running
 * is told as a warning; at the deadline it is the error (`TARGET_NOT_FOUND`).
 */
export async function findTarget(query: TargetQuery, options: FindOptions): Promise<ContainerRef> {
  const { kube, log, signal } = options;
  const what = describeQuery(query);
  const startedAt = Date.now();
  let told: string | undefined;
  for (;;) {
    if (signal.aborted) throw abortReason(signal);
    const pods = await podsOf(query, kube, signal);
    const selection = selectContainer(pods, query);
    if (selection.found) {
      log.status(undefined);
      return selection.found;
    }
    const problem = selection.pod && podState(selection.pod).problem;
    if (problem && told !== problem.reason) {
      log.warn(`Pod ${selection.pod?.metadata.name}: ${problem.reason}, ${problem.message}`);
      told = problem.reason;
    }
    if (Date.now() - startedAt >= options.timeoutMs) {
      throw new UserError('TARGET_NOT_FOUND', `No container to use in namespace ${query.namespace}: ${selection.why}`);
    }
    log.status(`Waiting for ${what}: ${selection.why}`);
    await sleep(pollMs, signal);
  }
}

/** The list to ask the cluster for: the pods with the labels of the query. */
export function podQuery({ namespace, labelSelector }: TargetQuery): ListQuery {
  const selector = selectorText(labelSelector);
  return { apiVersion: 'v1', kind: 'Pod', namespace, ...(selector === '' ? {} : { labelSelector: selector }) };
}

/** The pods with the labels of the query; its other parts are not looked at. */
export const podsOf = async (query: TargetQuery, kube: KubeClient, signal: AbortSignal): Promise<Pod[]> =>
  (await kube.list(podQuery(query), signal)) as Pod[];

/** Pure: the container among these pods, or why there is none. */
export function selectContainer(pods: readonly Pod[], query: TargetQuery): Selection {
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const newest = alive.filter((pod) => fits(pod, query)).sort(newestFirst)[0];
  if (!newest) return { found: undefined, why: `there is no ${describeQuery(query)}` };
  const { name } = newest.metadata;
  const names = newest.spec.containers.map((container) => container.name);
  const container = query.containerName ?? containersWith(newest, query.imageRepository)[0] ?? names[0];
  if (container === undefined || !names.includes(container)) {
    const why = `pod ${name} has no container ${container}; it has ${names.join(', ')}`;
    return { found: undefined, why, pod: newest };
  }
  const status = newest.status?.containerStatuses?.find((entry) => entry.name === container);
  if (!status?.state?.running) {
    const state = podState(newest);
    const words = state.problem ? `${state.problem.reason}, ${state.problem.message}` : state.text;
    return { found: undefined, why: `pod ${name} is not running (${words})`, pod: newest };
  }
  return { found: { namespace: query.namespace, pod: name, container } };
}

function fits(pod: Pod, { podName, imageRepository }: TargetQuery): boolean {
  if (podName !== undefined && pod.metadata.name !== podName) return false;
  return imageRepository === undefined || containersWith(pod, imageRepository).length > 0;
}

function containersWith(pod: Pod, repository: string | undefined): string[] {
  if (repository === undefined) return [];
  const before = imagesBefore(pod);
  return pod.spec.containers
    .filter(({ name, image = '' }) => repositoryOf(before[name] ?? image) === repository)
    .map(({ name }) => name);
}

/**
 * On a pod that takes the place of another one for development: the images of that one, by container, as JSON. A
 * selector by image means them.
 */
export const imagesAnnotation = 'devspace.sh/images';

function imagesBefore({ metadata }: Pod): Readonly<Record<string, string>> {
  try {
    return (JSON.parse(metadata.annotations?.[imagesAnnotation] ?? '{}') ?? {}) as Record<string, string>;
  } catch {
    return {};
  }
}

/**
 * Pure: the names of the containers of the pod that fit, which are all of them if the query names none. Empty if the
 * pod itself does not fit. An init container is meant only if its name is given.
 */
export function selectContainers(pod: Pod, query: TargetQuery): string[] {
  if (!fits(pod, query)) return [];
  const { containers, initContainers = [] } = pod.spec;
  const { containerName: wanted, imageRepository } = query;
  if (wanted !== undefined) {
    return [...containers, ...initContainers].map(({ name }) => name).filter((name) => name === wanted);
  }
  return imageRepository === undefined ? containers.map(({ name }) => name) : containersWith(pod, imageRepository);
}

/** The wanted pod in words. */
export function describeQuery({ podName, labelSelector, imageRepository }: TargetQuery): string {
  if (podName !== undefined) return `pod ${podName}`;
  const labels = selectorText(labelSelector);
  const parts = [labels === '' ? '' : `the labels ${labels}`, imageRepository ? `the image ${imageRepository}` : ''];
  return `pod with ${parts.filter(Boolean).join(' and ') || 'any labels'}`;
}

/** The name decides between pods of the same second, so that every run chooses the same one. */
function newestFirst({ metadata: a }: Pod, { metadata: b }: Pod): number {
  return (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? '') || a.name.localeCompare(b.name);
}

export const selectorText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
