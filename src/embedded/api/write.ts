import { randomInt, randomUUID } from 'node:crypto';
import { convertAutoscaler } from './autoscaler.ts';
import { setDefaults } from './defaults.ts';
import { trackUpdate } from './managed-fields.ts';
import {
  asList,
  asObject,
  asText,
  at,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  sameJson,
  timestamp,
  without,
} from './objects.ts';
import { checkQuota } from './quota.ts';
import { groupVersion, type Resource, type Resources, storageKey } from './resources.ts';
import { alreadyExists, conflict, forbidden, invalid, modifiedText, notFound } from './status.ts';
import type { Store, StoreEvent } from './store.ts';
import { findMistakes } from './validation.ts';

export interface WriteOptions {
  /** The field manager that then owns what changed. */
  readonly manager: string;
  readonly subresource?: string;
  /** Server-side apply has worked out the owners: `managedFields` are taken as they are. */
  readonly owners?: 'given';
  /** Everything is checked and answered, nothing is written. */
  readonly dryRun?: boolean;
}

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export function placeOf({ metadata }: KubeObject): Place {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** Makes an object of a built-in kind if it is not there. */
export function ensure(objects: Objects, object: KubeObject, manager: string): void {
  const resource = objects.resources.ofKind(object.apiVersion, object.kind);
  if (resource && !objects.get(resource, placeOf(object))) objects.create(resource, object, { manager });
}

/** What the server itself, the controllers and the kubelet do with objects; every rule of the API holds for them too. */
export interface Objects {
  readonly store: Store;
  readonly resources: Resources;
  get<T extends KubeObject>(resource: Resource, place: Place): T | undefined;
  /** `at`: as they were at this revision. */
  list<T extends KubeObject>(resource: Resource, namespace?: string, at?: number): T[];
  /** Throws `StatusError` 409, 403 or 422; the object is completed with all defaults. */
  create(resource: Resource, object: KubeObject, options: WriteOptions): KubeObject;
  /** Replaces the object or, with the subresource `status`, just its status. Throws 404, 409 or 422. */
  update(resource: Resource, object: KubeObject, options: WriteOptions): KubeObject;
  /** Changes a copy of the present state and writes it; nothing happens if the object is gone or stays the same. */
  edit<T extends KubeObject>(resource: Resource, place: Place, edit: Edit<T>): void;
  /** Tells every change from now on. */
  watch(resource: Resource, listener: (event: StoreEvent) => void): () => void;
}

interface Edit<T> extends WriteOptions {
  readonly change: (draft: T) => void;
}

export function createObjects(store: Store, resources: Resources): Objects {
  const objects: Objects = {
    store,
    resources,
    get: <T extends KubeObject>(resource: Resource, { namespace, name }: Place) => {
      const found = store.get(storageKey(resource), resource.namespaced ? namespace : '', name);
      return found && (asVersion(found, resource) as T);
    },
    list: <T extends KubeObject>(resource: Resource, namespace?: string, at?: number) =>
      store.list(storageKey(resource), namespace, at).map((object) => asVersion(object, resource) as T),
    create: (resource, object, options) => create(objects, { resource, object, options }),
    update: (resource, object, options) => update(objects, { resource, object, options }),
    edit: <T extends KubeObject>(resource: Resource, place: Place, { change, ...options }: Edit<T>) => {
      const current = objects.get<T>(resource, place);
      if (!current) return;
      const draft = structuredClone(current);
      change(draft);
      if (!sameJson(draft, current)) objects.update(resource, draft, options);
    },
    watch: (resource, listener) => store.watch(storageKey(resource), store.revision(), listener),
  };
  return objects;
}

/** The object as the version of the resource shows it. */
export function asVersion(object: KubeObject, resource: Resource): KubeObject {
  const apiVersion = groupVersion(resource);
  if (object.apiVersion === apiVersion) return object;
  if (object.kind === 'HorizontalPodAutoscaler') return convertAutoscaler(object, apiVersion);
  return { ...object, apiVersion };
}

interface Write {
  readonly resource: Resource;
  readonly object: KubeObject;
  readonly options: WriteOptions;
}

function create(objects: Objects, { resource, object, options }: Write): KubeObject {
  const { store } = objects;
  const metadata: ObjectMeta = {
    ...object.metadata,
    name: object.metadata.name || generatedName(object.metadata.generateName),
    uid: randomUUID(),
    creationTimestamp: timestamp(),
  };
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  if (!resource.namespaced) delete metadata.namespace;
  if (hasGeneration(resource)) metadata.generation = 1;
  const draft: KubeObject = structuredClone({ ...object, metadata });
  if (resource.subresources.includes('status') && resource.kind !== 'Node') delete draft['status'];
  setDefaults(draft);
  check(resource, draft, undefined);
  checkNamespace(objects, resource, draft);
  const namespace = metadata.namespace ?? '';
  if (store.get(storageKey(resource), namespace, metadata.name)) throw alreadyExists(resource, metadata.name);
  admit(objects, draft);
  checkQuota(objects, resource, draft);
  const owned = trackUpdate(undefined, draft, { type: resource.type, owner: ownerOf(resource, options) });
  const complete = options.owners === 'given' ? draft : owned;
  return options.dryRun ? complete : asVersion(store.put(storageKey(resource), complete), resource);
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';

export function randomSuffix(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

function generatedName(prefix: string | undefined): string {
  return prefix ? `${prefix.slice(0, 58)}${randomSuffix(5)}` : '';
}

/** Kinds whose `metadata.generation` counts the changes of their spec. */
function hasGeneration(resource: Resource): boolean {
  if (resource.definition) return true;
  return (
    resource.subresources.includes('status') &&
    !['Pod', 'Service', 'Namespace', 'Node'].includes(resource.kind) &&
    resource.group !== ''
  );
}

function ownerOf(resource: Resource, { manager, subresource }: WriteOptions) {
  return { manager, apiVersion: groupVersion(resource), ...(subresource ? { subresource } : {}) };
}

function check(resource: Resource, object: KubeObject, before: KubeObject | undefined): void {
  const mistakes = findMistakes(object, before, resource.type);
  if (mistakes.length > 0) throw invalid(resource, object.metadata.name, mistakes);
}

function checkNamespace({ store }: Objects, resource: Resource, { metadata }: KubeObject): void {
  if (!resource.namespaced) return;
  const name = metadata.namespace ?? '';
  const namespace = store.get('namespaces', '', name);
  if (!namespace) throw notFound({ group: '', plural: 'namespaces' }, name);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(resource, metadata.name, why);
}

/** What the admission plugins and allocators of the real server add. */
function admit(objects: Objects, object: KubeObject): void {
  const spec = asObject(object['spec']);
  if (object.kind === 'Service') allocateService(objects, spec);
  if (object.kind === 'Pod') addServiceAccount(objects, object, spec);
}

function allocateService({ store }: Objects, spec: JsonObject): void {
  if (spec['type'] === 'ExternalName') return;
  const services = store.list('services').map((service) => asObject(service['spec']));
  if (asText(spec['clusterIP']) === '') {
    const used = new Set(services.map(({ clusterIP }) => asText(clusterIP)));
    let ip = '';
    do ip = `10.96.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    while (used.has(ip));
    spec['clusterIP'] = ip;
  }
  spec['clusterIPs'] ??= [spec['clusterIP'] ?? null];
  if (spec['type'] === 'ClusterIP') return;
  const taken = new Set(services.flatMap(({ ports }) => list(ports).map(({ nodePort }) => nodePort)));
  for (const port of list(spec['ports'])) {
    if (port['nodePort'] !== undefined) continue;
    let number = 0;
    do number = randomInt(30000, 32768);
    while (taken.has(number));
    taken.add(number);
    port['nodePort'] = number;
  }
}

function addServiceAccount({ store }: Objects, pod: KubeObject, spec: JsonObject): void {
  const { namespace = '', name } = pod.metadata;
  const account = asText(spec['serviceAccountName']) || 'default';
  Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  const found = store.get('serviceaccounts', namespace, account);
  if (!found) {
    const why = `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
    throw forbidden({ group: '', plural: 'pods' }, name, why);
  }
  spec['tolerations'] ??= ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
  if ((spec['automountServiceAccountToken'] ?? found['automountServiceAccountToken']) === false) return;
  const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
  const volume = `kube-api-access-${randomSuffix(5)}`;
  let used = false;
  for (const container of [...list(spec['initContainers']), ...list(spec['containers'])]) {
    const mounts = list(container['volumeMounts']);
    if (mounts.some((mount) => mount['mountPath'] === mountPath)) continue;
    container['volumeMounts'] = [...mounts, { name: volume, readOnly: true, mountPath }];
    used = true;
  }
  if (!used) return;
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  spec['volumes'] = [...list(spec['volumes']), { name: volume, projected: { defaultMode: 420, sources } }];
}

function list(value: Json | undefined): JsonObject[] {
  return asList(value).filter(isObject);
}

function update(objects: Objects, { resource, object, options }: Write): KubeObject {
  const { store } = objects;
  const name = object.metadata.name;
  const current = objects.get(resource, { namespace: object.metadata.namespace ?? '', name });
  if (!current) throw notFound(resource, name);
  const { uid, resourceVersion } = object.metadata;
  if (uid !== undefined && uid !== current.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
    throw conflict(resource, name, why);
  }
  if (resourceVersion && resourceVersion !== current.metadata.resourceVersion)
    throw conflict(resource, name, modifiedText);
  const draft = structuredClone(combine(current, object, { resource, options }));
  setDefaults(draft);
  if (draft.kind === 'Service') allocateService(objects, keepAddress(draft, current));
  if (options.subresource !== 'status') check(resource, draft, current);
  if (hasGeneration(resource) && !sameJson(specOf(draft), specOf(current)))
    draft.metadata.generation = (current.metadata.generation ?? 0) + 1;
  const owned =
    options.owners === 'given'
      ? draft
      : trackUpdate(current, draft, { type: resource.type, owner: ownerOf(resource, options) });
  if (sameJson(withoutTimes(owned), withoutTimes(current))) return current;
  if (options.dryRun) return owned;
  if (isFinished(owned)) return asVersion(store.remove(storageKey(resource), owned), resource);
  return asVersion(store.put(storageKey(resource), owned), resource);
}

/** A service keeps its address when a client that never knew it replaces the object. */
function keepAddress(draft: KubeObject, current: KubeObject): JsonObject {
  const spec = asObject(draft['spec']);
  const old = asObject(current['spec']);
  if (spec['type'] !== 'ExternalName') for (const key of ['clusterIP', 'clusterIPs']) spec[key] ??= old[key];
  for (const port of list(spec['ports'])) {
    const same = list(old['ports']).find(
      (other) => other['port'] === port['port'] && other['protocol'] === port['protocol'],
    );
    if (spec['type'] !== 'ClusterIP' && same?.['nodePort'] !== undefined) port['nodePort'] ??= same['nodePort'];
  }
  return spec;
}

/** The parts of both that this write may change: status and the rest never change together. */
function combine(current: KubeObject, object: KubeObject, { resource, options }: Omit<Write, 'object'>): KubeObject {
  const hasStatus = resource.subresources.includes('status');
  if (options.subresource === 'status') {
    const managedFields = object.metadata.managedFields;
    return {
      ...current,
      metadata: { ...current.metadata, ...(managedFields ? { managedFields } : {}) },
      status: object['status'],
    };
  }
  const fixed: (keyof ObjectMeta)[] = [
    'uid',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'namespace',
    'generateName',
    'resourceVersion',
  ];
  const metadata: ObjectMeta = { ...object.metadata };
  for (const key of fixed) {
    if (key in current.metadata) Object.assign(metadata, { [key]: current.metadata[key] });
    else delete metadata[key];
  }
  if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  const status = hasStatus && current['status'] !== undefined ? { status: current['status'] } : {};
  return { ...object, ...status, metadata };
}

function specOf(object: KubeObject): JsonObject {
  return without<JsonObject>(object, 'metadata', 'status', 'apiVersion', 'kind');
}

function withoutTimes(object: KubeObject): JsonObject {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => without(entry, 'time'));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** Marked for deletion, and nobody holds it any longer. */
export function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0) return false;
  if (object.kind === 'Namespace')
    return Array.isArray(at(object, 'spec', 'finalizers')) ? at(object, 'spec', 'finalizers', 0) === undefined : true;
  return object.kind !== 'Pod' || (deletionGracePeriodSeconds ?? 0) === 0;
}
