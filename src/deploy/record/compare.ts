import { hostname } from 'node:os';
import { isAlive } from '../../core/process-identity.ts';
import { type KubeObject, type ObjectRef, objectName } from '../../kube/objects.ts';
import { type DeploymentRecord, hashOf, type RecordedObject } from './record.ts';

/** The same object under another version of its API is still the same. */
export function refKey({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return JSON.stringify([group, kind, namespace ?? '', name]);
}

/** Our field manager, as server-side apply remembers it. */
const fieldManager = 'devspace';

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly fieldsV1?: unknown;
}

/**
 * A hash of the names of the fields that are ours in the object, `undefined` if none is. The cluster takes a field from us
 * when somebody else changes or removes it (KEP-555), and the hash is another one.
 */
export function ownedFields({ metadata }: KubeObject): string | undefined {
  const entries = (metadata['managedFields'] ?? []) as readonly ManagedFields[];
  const own = entries.find(({ manager, operation }) => manager === fieldManager && operation === 'Apply');
  return own === undefined ? undefined : hashOf(own.fieldsV1).slice(0, 16);
}

export function toRecorded(object: KubeObject, ref: ObjectRef): RecordedObject {
  const owned = ownedFields(object);
  return owned === undefined ? ref : { ...ref, owned };
}

interface Comparison {
  readonly record: DeploymentRecord | undefined;
  readonly hash: string;
  readonly redeploy: 'when changed' | 'always';
}

/** Why something is deployed, as far as the record tells; `undefined` if the cluster should have just this. */
export function reasonOfRecord({ record, hash, redeploy }: Comparison): string | undefined {
  if (redeploy === 'always') return 'as asked for';
  if (!record) return 'for the first time';
  if (record.hash === undefined) return 'the run before did not come to its end';
  return record.hash === hash ? undefined : 'it has changed';
}

/** Why recorded objects are deployed again, by what the cluster has of each; `undefined` if all are as they were left. */
export function reasonOfObjects(
  recorded: readonly RecordedObject[],
  live: readonly (KubeObject | undefined)[],
): string | undefined {
  for (const [index, ref] of recorded.entries()) {
    const object = live[index];
    if (!object || object.metadata.deletionTimestamp) return `${objectName(ref)} is missing`;
    if (ref.owned !== undefined && ownedFields(object) !== ref.owned)
      return `${objectName(ref)} was changed by another`;
  }
  return undefined;
}

/** What is to be deleted once `objects` are deployed: what was there before and is not among them. */
export function staleObjects(record: DeploymentRecord | undefined, objects: readonly ObjectRef[]): ObjectRef[] {
  if (!record) return [];
  const keep = new Set(objects.map(refKey));
  const before = [...record.objects.map(({ owned: _, ...ref }) => ref), ...record.stale];
  const unique = new Map(before.map((ref) => [refKey(ref), ref]));
  return [...unique].filter(([key]) => !keep.has(key)).map(([, ref]) => ref);
}

/** Whether a run on this machine wrote the record and was cut off. */
export function wasCutOff(record: DeploymentRecord | undefined): boolean {
  if (!record || record.hash !== undefined) return false;
  return record.by.host === hostname() && !isAlive(record.by);
}
