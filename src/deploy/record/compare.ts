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

/** Owns what development changes in the cluster, apart from what deploying owns. */
export const devManager = 'devspace-dev';

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
    if (ref.owned !== undefined && !isAsRecorded(object, ref.owned)) return `${objectName(ref)} was changed by another`;
  }
  return undefined;
}

/** Development may have taken the number of pods from us, which is ours again when it ends. */
function isAsRecorded(object: KubeObject, owned: string): boolean {
  return ownedFields(object) === owned || ownedFields(withReplicasOwned(object)) === owned;
}

/** The object as if development had not taken the number of its pods from us. */
function withReplicasOwned(object: KubeObject): KubeObject {
  const entries = (object.metadata['managedFields'] ?? []) as readonly ManagedFields[];
  if (entries.every(({ manager }) => manager !== devManager)) return object;
  const managedFields = entries.map((entry) => {
    if (entry.manager !== fieldManager || entry.operation !== 'Apply') return entry;
    const fields = entry.fieldsV1 as Readonly<Record<string, object>>;
    const spec = Object.entries({ ...fields['f:spec'], 'f:replicas': {} }).sort(([a], [b]) => (a < b ? -1 : 1));
    return { ...entry, fieldsV1: { ...fields, 'f:spec': Object.fromEntries(spec) } };
  });
  return { ...object, metadata: { ...object.metadata, managedFields } };
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
