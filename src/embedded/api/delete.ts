import { asObject, asText, at, type JsonObject, type KubeObject, timestamp } from './objects.ts';
import { type Resource, storageKey } from './resources.ts';
import { conflict, forbidden, invalid, invalidValue, notFound, notSupported } from './status.ts';
import { asVersion, isFinished, type Objects, type Place } from './write.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun?: boolean;
}

/** Reads `DeleteOptions` from a body or from the query of the request. */
export function toDeleteOptions(body: JsonObject, query: URLSearchParams): DeleteOptions {
  const grace =
    body['gracePeriodSeconds'] ??
    (query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined);
  const policy = asText(body['propagationPolicy']) || (query.get('propagationPolicy') ?? '');
  const orphan = body['orphanDependents'];
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' };
  if (policy !== '' && !['Background', 'Foreground', 'Orphan'].includes(policy)) {
    throw invalid(kind, '', [notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil'])]);
  }
  if (policy !== '' && typeof orphan === 'boolean') {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid(kind, '', [invalidValue('propagationPolicy', policy, why)]);
  }
  const { uid, resourceVersion } = asObject(body['preconditions']);
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    propagationPolicy: policy || (orphan === true ? 'Orphan' : 'Background'),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    dryRun: query.getAll('dryRun').includes('All') || JSON.stringify(body['dryRun'] ?? []).includes('All'),
  };
}

export interface Deletion {
  readonly object: KubeObject;
  /** False while finalizers or the grace period of a pod hold the object. */
  readonly isGone: boolean;
}

/** Deletes the object, or marks it for those who have to finish something first. Throws 404 or 409. */
export function deleteObject(
  objects: Objects,
  resource: Resource,
  { place, options }: { place: Place; options: DeleteOptions },
): Deletion {
  const current = objects.get(resource, place);
  if (!current) throw notFound(resource, place.name);
  if (resource.kind === 'Namespace' && ['default', 'kube-system', 'kube-public'].includes(place.name)) {
    throw forbidden(resource, place.name, 'this namespace may not be deleted');
  }
  checkPreconditions(resource, current, options);
  const next = structuredClone(current);
  const finalizer = { Foreground: 'foregroundDeletion', Orphan: 'orphan' }[options.propagationPolicy ?? ''];
  if (finalizer && current.metadata.deletionTimestamp === undefined) {
    next.metadata.finalizers = [...(next.metadata.finalizers ?? []), finalizer];
  }
  const grace = resource.kind === 'Pod' && resource.group === '' ? podGrace(current, options) : 0;
  const before = current.metadata.deletionGracePeriodSeconds;
  if (current.metadata.deletionTimestamp === undefined || (before !== undefined && grace < before)) {
    next.metadata.deletionTimestamp = timestamp(new Date(Date.now() + grace * 1000));
    next.metadata.deletionGracePeriodSeconds = grace;
    if (next.metadata.generation !== undefined) next.metadata.generation += 1;
  }
  if (resource.kind === 'Namespace') {
    delete next.metadata.deletionGracePeriodSeconds;
    next['status'] = { ...asObject(next['status']), phase: 'Terminating' };
  }
  const isGone = isFinished(next);
  if (options.dryRun) return { object: next, isGone };
  if (isGone) return { object: asVersion(objects.store.remove(storageKey(resource), next), resource), isGone };
  return { object: asVersion(objects.store.put(storageKey(resource), next), resource), isGone };
}

function checkPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw conflict(resource, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw conflict(resource, metadata.name, why);
  }
}

/** Nothing to wait for if no kubelet has the pod or if it has ended. */
function podGrace(pod: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const phase = at(pod, 'status', 'phase');
  if (!at(pod, 'spec', 'nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = at(pod, 'spec', 'terminationGracePeriodSeconds');
  return Math.max(0, gracePeriodSeconds ?? (typeof own === 'number' ? own : 30));
}
