import { UserError } from '../core/errors.ts';
import type { ApplyOptions, KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { devManager, refKey } from './record/compare.ts';
import { listReplaced } from './replace/scale.ts';

/** Applies the object; what development owns of it is taken back without asking. */
export async function applyObject(kube: KubeClient, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
  try {
    return await kube.apply(object, options);
  } catch (error) {
    if (!isOwnConflict(error)) throw error;
    return kube.apply(object, { ...options, conflicts: 'take' });
  }
}

/** Only `devspace dev` is in the way, by the words of the API server: `conflict with "devspace-dev" using apps/v1: .spec.replicas`. */
function isOwnConflict(error: unknown): boolean {
  if (!(error instanceof UserError) || error.code !== 'KUBE_CONFLICT') return false;
  const managers = [...error.message.matchAll(/conflicts? with "([^"]+)"/g)].map(([, manager]) => manager);
  return managers.length > 0 && managers.every((manager) => manager === devManager);
}

const hasReplicas = ({ apiVersion, spec }: KubeObject): boolean =>
  apiVersion.startsWith('apps/') && typeof spec === 'object' && spec !== null && 'replicas' in spec;

/** The objects without a number of pods where `devspace dev` has taken them all away. */
export async function withoutTakenReplicas(
  objects: readonly KubeObject[],
  defaultNamespace: string,
  run: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Promise<KubeObject[]> {
  const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? defaultNamespace;
  const namespaces = new Set(objects.filter(hasReplicas).map(namespaceOf));
  const lists = await Promise.all([...namespaces].map((namespace) => listReplaced(namespace, run)));
  const replaced = new Set(lists.flat().map(refKey));
  return objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    const key = refKey({ apiVersion, kind, name: metadata.name, namespace: namespaceOf(object) });
    return hasReplicas(object) && replaced.has(key) ? withoutReplicas(object) : object;
  });
}

function withoutReplicas(object: KubeObject): KubeObject {
  const { replicas: _, ...spec } = object['spec'] as Readonly<Record<string, unknown>>;
  return { ...object, spec };
}
