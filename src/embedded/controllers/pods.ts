import { createHash } from 'node:crypto';
import { deleteObject } from '../api/delete.ts';
import type { Condition, Json, KubeObject, OwnerReference } from '../api/objects.ts';
import { timestamp } from '../api/objects.ts';
import { isPodReady, type Pod, type PodTemplate } from '../api/pod-types.ts';
import { type Objects, placeOf } from '../api/write.ts';
import { isOwnedBy } from './controller.ts';

export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

export interface PodNames {
  /** A fixed name, or a prefix that is completed at random. */
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Record<string, string>;
}

/** A pod as the template of its owner describes it. */
export function podFromTemplate(
  owner: KubeObject,
  template: PodTemplate,
  { name = '', generateName, labels = {} }: PodNames,
): Pod {
  const { metadata = {}, spec } = structuredClone(template);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      namespace: owner.metadata.namespace ?? '',
      labels: { ...metadata.labels, ...labels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
}

export function ownedPods(objects: Objects, owner: KubeObject): Pod[] {
  return objects
    .list<Pod>(objects.resources.builtIn('pods'), owner.metadata.namespace)
    .filter((pod) => isOwnedBy(pod, owner));
}

/** Pods that count: neither ended nor on their way out. */
export function isActive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Ready for as long as asked; how many milliseconds are missing otherwise. */
export function isAvailable(pod: Pod, minReadySeconds = 0): boolean {
  if (!isPodReady(pod)) return false;
  const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  return minReadySeconds === 0 || Date.parse(since) + minReadySeconds * 1000 <= Date.now();
}

export function deletePod(objects: Objects, pod: Pod): void {
  deleteObject(objects, objects.resources.builtIn('pods'), { place: placeOf(pod), options: {} });
}

/** A short word for a template, made of letters that form no words; the same template gives the same word. */
export function templateHash(template: Json): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return Array.from({ length: 10 }, (_, index) => letters[(digest[index] ?? 0) % letters.length]).join('');
}

/** The words are the reason, a colon and the message. */
export function condition(type: string, status: string, words: string): Condition {
  const colon = words.indexOf(': ');
  return { type, status, reason: words.slice(0, colon), message: words.slice(colon + 2) };
}

/** The conditions with this one in it; its times move only when it changes. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition): Condition[] {
  const others = (conditions ?? []).filter(({ type }) => type !== next.type);
  const before = conditions?.find(({ type }) => type === next.type);
  const now = timestamp();
  const isSame = before?.status === next.status && before.reason === next.reason && before.message === next.message;
  if (before && isSame) return [...(conditions ?? [])];
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? now) : now;
  return [...others, { ...next, lastUpdateTime: now, lastTransitionTime }];
}

/** A count or a percentage of the total; percentages are rounded up or down. */
export function resolveCount(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = Number(/^(\d+)%$/.exec(String(value))?.[1] ?? 0);
  return round === 'up' ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100);
}
