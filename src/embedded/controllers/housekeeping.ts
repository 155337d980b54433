import type { Authenticator } from '../api/auth.ts';
import { deleteObject } from '../api/delete.ts';
import { asObject, asText, at, type KubeObject } from '../api/objects.ts';
import type { Resource } from '../api/resources.ts';
import { storageKey, toResources } from '../api/resources.ts';
import { ensure, type Objects, type Place, placeOf } from '../api/write.ts';

const manager = 'kube-controller-manager';

/** Gives each namespace its default service account and the certificate of the cluster; empties those that are deleted. */
export function reconcileNamespace(objects: Objects, authority: string, { name }: Place): number | undefined {
  const namespaces = objects.resources.builtIn('namespaces');
  const namespace = objects.get(namespaces, { namespace: '', name });
  if (!namespace) return undefined;
  if (namespace.metadata.deletionTimestamp === undefined) {
    furnishNamespace(objects, name, { authority, manager });
    return undefined;
  }
  let left = 0;
  for (const resource of objects.resources.all().filter(({ namespaced }) => namespaced)) {
    for (const { metadata } of objects.list(resource, name)) {
      left += 1;
      if (metadata.deletionTimestamp === undefined)
        deleteObject(objects, resource, { place: { namespace: name, name: metadata.name }, options: {} });
    }
  }
  if (left > 0) return 50;
  objects.edit(
    namespaces,
    { namespace: '', name },
    {
      manager,
      change: (draft) => {
        draft['spec'] = { ...asObject(draft['spec']), finalizers: [] };
      },
    },
  );
  return undefined;
}

/** What every namespace has from its start. */
export function furnishNamespace(
  objects: Objects,
  namespace: string,
  { authority, manager }: { readonly authority: string; readonly manager: string },
): void {
  ensure(objects, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }, manager);
  const metadata = { name: 'kube-root-ca.crt', namespace };
  ensure(objects, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': authority } }, manager);
}

/** A secret that asks for a token of a service account gets it, with what is needed to use it. */
export function reconcileTokenSecret({ objects, authenticator, authority }: TokenIssuer, place: Place): undefined {
  const secrets = objects.resources.builtIn('secrets');
  const secret = objects.get(secrets, place);
  if (secret?.['type'] !== 'kubernetes.io/service-account-token' || at(secret, 'data', 'token') !== undefined) return;
  const name = secret.metadata.annotations?.['kubernetes.io/service-account.name'] ?? '';
  const account = objects.get(objects.resources.builtIn('serviceaccounts'), { namespace: place.namespace, name });
  if (!account?.metadata.uid) return;
  const { uid } = account.metadata;
  const token = authenticator.issueToken({ namespace: place.namespace, name, uid }, 10 * 365 * 86_400);
  const encode = (text: string) => Buffer.from(text).toString('base64');
  objects.edit(secrets, place, {
    manager,
    change: (draft) => {
      draft['data'] = { 'ca.crt': encode(authority), namespace: encode(place.namespace), token: encode(token) };
      draft.metadata.annotations = { ...draft.metadata.annotations, 'kubernetes.io/service-account.uid': uid };
    },
  });
}

export interface TokenIssuer {
  readonly objects: Objects;
  readonly authenticator: Authenticator;
  readonly authority: string;
}

/** There is always room: a claim is bound as soon as it is made, unless its class says that nothing provides volumes. */
export function reconcileClaim(objects: Objects, place: Place): undefined {
  const claims = objects.resources.builtIn('persistentvolumeclaims');
  const claim = objects.get(claims, place);
  if (!claim || at(claim, 'status', 'phase') === 'Bound' || hasNoProvisioner(objects, claim)) return;
  const volumeName = asText(at(claim, 'spec', 'volumeName')) || `pvc-${claim.metadata.uid ?? ''}`;
  objects.edit(claims, place, {
    manager,
    change: (draft) => {
      draft['spec'] = { ...asObject(draft['spec']), volumeName };
    },
  });
  objects.edit(claims, place, {
    manager,
    subresource: 'status',
    change: (draft) => {
      draft['status'] = {
        phase: 'Bound',
        accessModes: at(draft, 'spec', 'accessModes') ?? [],
        capacity: at(draft, 'spec', 'resources', 'requests') ?? {},
      };
    },
  });
}

function hasNoProvisioner(objects: Objects, claim: KubeObject): boolean {
  const name = asText(at(claim, 'spec', 'storageClassName'));
  if (name === '' || asText(at(claim, 'spec', 'volumeName')) !== '') return false;
  const found = objects.get(objects.resources.builtIn('storageclasses'), { namespace: '', name });
  return found !== undefined && at(found, 'provisioner') === 'kubernetes.io/no-provisioner';
}

/** Serves the resources of a definition; with the definition its objects go too. */
export function reconcileDefinition(objects: Objects, { name }: Place): undefined {
  const definition = objects.get(objects.resources.builtIn('customresourcedefinitions'), { namespace: '', name });
  if (definition) {
    objects.resources.define(definition);
    return;
  }
  for (const resource of objects.resources.all().filter((item) => item.definition && storageKey(item) === name)) {
    for (const object of objects.list(resource))
      deleteObject(objects, resource, { place: placeOf(object), options: {} });
  }
  objects.resources.undefine(name);
}

/** Custom resources must be known before the first request. */
export function defineAll(objects: Objects): void {
  for (const definition of objects.list(objects.resources.builtIn('customresourcedefinitions'))) {
    if (toResources(definition).length > 0) objects.resources.define(definition);
  }
}

/**
 * Removes what lost its last owner, and finishes deletions that wait for dependents (`foregroundDeletion`, `orphan`).
 * Looks at everything, a moment after the last change that can matter.
 */
export function collectGarbage(objects: Objects): void {
  const all = objects.resources
    .all()
    .flatMap((resource) => objects.list(resource).map((object) => ({ resource, object })));
  const alive = new Map(all.map(({ object }) => [object.metadata.uid, object]));
  for (const entry of all) {
    const owners = entry.object.metadata.ownerReferences ?? [];
    if (owners.length > 0) collectDependent(objects, entry, alive);
    if (entry.object.metadata.deletionTimestamp !== undefined) finishDeletion(objects, entry, all);
  }
}

interface Entry {
  readonly resource: Resource;
  readonly object: KubeObject;
}

function collectDependent(
  objects: Objects,
  { resource, object }: Entry,
  alive: ReadonlyMap<string | undefined, KubeObject>,
): void {
  if (object.metadata.deletionTimestamp !== undefined) return;
  const owners = (object.metadata.ownerReferences ?? []).map(({ uid }) => alive.get(uid));
  const isWaitedFor = owners.some((owner) => owner?.metadata.finalizers?.includes('foregroundDeletion'));
  if (owners.some((owner) => owner && !owner.metadata.finalizers?.includes('foregroundDeletion'))) return;
  deleteObject(objects, resource, {
    place: placeOf(object),
    options: { propagationPolicy: isWaitedFor ? 'Foreground' : 'Background' },
  });
}

function finishDeletion(objects: Objects, { resource, object }: Entry, all: readonly Entry[]): void {
  const { finalizers = [], uid } = object.metadata;
  const dependents = all.filter((entry) => entry.object.metadata.ownerReferences?.some((owner) => owner.uid === uid));
  if (finalizers.includes('orphan')) {
    for (const dependent of dependents) {
      objects.edit(dependent.resource, placeOf(dependent.object), {
        manager,
        change: ({ metadata }) => {
          metadata.ownerReferences = (metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
        },
      });
    }
  }
  const isHeld = dependents.some((entry) => {
    const owner = entry.object.metadata.ownerReferences?.find((item) => item.uid === uid);
    return owner?.blockOwnerDeletion && objects.get(entry.resource, placeOf(entry.object));
  });
  const done = finalizers.filter((name) => name !== 'orphan' && (name !== 'foregroundDeletion' || isHeld));
  if (done.length === finalizers.length) return;
  objects.edit(resource, placeOf(object), {
    manager,
    change: ({ metadata }) => {
      metadata.finalizers = done;
    },
  });
}
