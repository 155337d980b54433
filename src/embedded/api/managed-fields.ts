import {
  abandoned,
  changedFields,
  difference,
  existing,
  type FieldSet,
  fieldsOf,
  intersection,
  isEmpty,
  mergeTyped,
  pathsOf,
  removeFields,
  union,
} from './field-set.ts';
import { asObject, type JsonObject, type KubeObject, type ManagedFieldsEntry, timestamp } from './objects.ts';
import type { Type } from './schema.ts';
import { StatusError } from './status.ts';

interface Owner {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string;
}

/** Fields that nobody owns: the server sets them. */
const unowned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': Object.fromEntries(
    [
      ...['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'],
      ...['deletionGracePeriodSeconds', 'managedFields', 'selfLink', 'generateName'],
    ].map((name) => [`f:${name}`, {}]),
  ),
};

/** The object with `managedFields` as they are after the owner wrote it with create, update or a patch. */
export function trackUpdate(before: KubeObject | undefined, after: KubeObject, { type, owner }: Tracked): KubeObject {
  const changed = difference(changedFields(before, after, type), unowned);
  const entries = before?.metadata.managedFields ?? [];
  const isMine = (entry: ManagedFieldsEntry) => entry.operation === 'Update' && isSameOwner(entry, owner);
  const kept = entries
    .map((entry) => {
      const still = existing(entry.fieldsV1 ?? {}, after, type);
      return { ...entry, fieldsV1: isMine(entry) ? still : difference(still, changed) };
    })
    .filter((entry) => !isEmpty(entry.fieldsV1) && (isEmpty(changed) || !isMine(entry)));
  if (isEmpty(changed)) return withEntries(after, kept);
  const mine = entries.find(isMine);
  const fields = union(existing(mine?.fieldsV1 ?? {}, after, type), changed);
  return withEntries(after, [...kept, toEntry(owner, 'Update', fields)]);
}

interface Tracked {
  readonly type: Type;
  readonly owner: Owner;
}

/**
 * Server-side apply (Kubernetes KEP-555): the live object with the configuration laid over it. Throws 409 and names
 * the managers if others own fields with other values, unless `force` takes them.
 */
export function applyConfig(
  live: KubeObject | undefined,
  config: JsonObject,
  options: Tracked & { readonly force: boolean },
): JsonObject {
  const { type, owner, force } = options;
  const entries = live?.metadata.managedFields ?? [];
  const wanted = difference(fieldsOf(config, type), unowned);
  const isMine = (entry: ManagedFieldsEntry) => entry.operation === 'Apply' && isSameOwner(entry, owner);
  const merged = asObject(mergeTyped(live, config, type));
  const changed = difference(changedFields(live, merged, type), unowned);
  const disputed = entries
    .filter((entry) => !isMine(entry))
    .map((entry) => ({ entry, fields: intersection(entry.fieldsV1 ?? {}, changed) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (disputed.length > 0 && !force) throw applyConflict(disputed);

  const others = entries
    .filter((entry) => !isMine(entry))
    .map((entry) => {
      const lost = disputed.find((item) => item.entry === entry)?.fields ?? {};
      return { ...entry, fieldsV1: difference(entry.fieldsV1 ?? {}, lost) };
    })
    .filter((entry) => !isEmpty(entry.fieldsV1));
  const before = entries.find(isMine)?.fieldsV1 ?? {};
  const held = others.reduce((set, entry) => union(set, entry.fieldsV1), wanted);
  const dropped = abandoned(before, held);
  const result = asObject(removeFields(merged, dropped, type));
  const metadata = { ...asObject(result['metadata']) };
  metadata['managedFields'] = [...others, toEntry(owner, 'Apply', wanted)];
  return { ...result, metadata };
}

function isSameOwner(entry: ManagedFieldsEntry, owner: Owner): boolean {
  return entry.manager === owner.manager && (entry.subresource ?? '') === (owner.subresource ?? '');
}

function toEntry(owner: Owner, operation: string, fieldsV1: FieldSet): ManagedFieldsEntry {
  return {
    manager: owner.manager,
    operation,
    apiVersion: owner.apiVersion,
    time: timestamp(),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(owner.subresource ? { subresource: owner.subresource } : {}),
  };
}

function withEntries(object: KubeObject, managedFields: ManagedFieldsEntry[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

interface Dispute {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

function applyConflict(disputes: readonly Dispute[]): StatusError {
  const groups = disputes
    .map(({ entry, fields }) => ({ who: managerText(entry), paths: pathsOf(fields) }))
    .sort((a, b) => (a.who < b.who ? -1 : 1));
  const count = groups.reduce((sum, { paths }) => sum + paths.length, 0);
  const text = groups.map(({ who, paths }) => {
    return count === 1 ? `conflict with ${who}: ${paths[0]}` : `conflicts with ${who}:\n- ${paths.join('\n- ')}`;
  });
  const message = `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${text.join('\n')}`;
  const causes = groups.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  return new StatusError(409, 'Conflict', message, { causes });
}

function managerText({ manager = '', operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const where = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${where}${operation === 'Update' ? ` using ${apiVersion ?? ''}` : ''}`;
}
