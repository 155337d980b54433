import { asObject, asText, at, type JsonObject, type KubeObject } from './objects.ts';
import { type Resource, type Resources, storageKey } from './resources.ts';
import { forbidden } from './status.ts';

/** The part of `Objects` that counts. */
interface Counted {
  readonly resources: Resources;
  list(resource: Resource, namespace: string): KubeObject[];
}

/** Kinds that a quota may name without `count/`. */
const plainNames = ['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims', 'resourcequotas'];

/** Throws 403 if one more object of this kind is more than a quota of the namespace allows. Only counts are enforced. */
export function checkQuota(objects: Counted, resource: Resource, { metadata }: KubeObject): void {
  const { namespace = '', name } = metadata;
  if (!resource.namespaced) return;
  for (const quota of objects.list(objects.resources.builtIn('resourcequotas'), namespace)) {
    for (const [key, hard] of Object.entries(asObject(at(quota, 'spec', 'hard')))) {
      if (counted(objects, key)?.plural !== resource.plural) continue;
      const used = count(objects, resource, namespace);
      if (used < Number(hard)) continue;
      const limit = `limited: ${key}=${asText(hard)}`;
      const why = `exceeded quota: ${quota.metadata.name}, requested: ${key}=1, used: ${key}=${used}, ${limit}`;
      throw forbidden(resource, name, why);
    }
  }
}

/** The status of a quota; what is not counted here shows no use. */
export function quotaStatus(objects: Counted, quota: KubeObject): JsonObject {
  const hard = asObject(at(quota, 'spec', 'hard'));
  const used = Object.keys(hard).flatMap((key) => {
    const resource = counted(objects, key);
    return resource ? [[key, String(count(objects, resource, quota.metadata.namespace ?? ''))]] : [];
  });
  return { hard, used: Object.fromEntries(used) as JsonObject };
}

function counted({ resources }: Counted, key: string): Resource | undefined {
  const name = key.startsWith('count/') ? key.slice(6) : plainNames.find((plain) => plain === key);
  return resources.all().find((resource) => storageKey(resource) === name);
}

function count(objects: Counted, resource: Resource, namespace: string): number {
  const isOver = (object: KubeObject) => ['Succeeded', 'Failed'].includes(asText(at(object, 'status', 'phase')));
  return objects.list(resource, namespace).filter((object) => resource.kind !== 'Pod' || !isOver(object)).length;
}
