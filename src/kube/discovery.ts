import { UserError } from '../core/errors.ts';
import type { KindRef } from './client.ts';
import type { Rest } from './rest.ts';

export interface Resource {
  /** `/api/v1` or `/apis/apps/v1`. */
  readonly base: string;
  /** The plural in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Finds the path of a kind; asks the cluster once per API version. `undefined` if it does not know the kind. */
export type Discovery = (kind: KindRef, signal: AbortSignal) => Promise<Resource | undefined>;

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Every cluster has these kinds of the core, always under these names, so nobody is asked about them. */
const coreKinds: Readonly<Record<string, Omit<Resource, 'base'>>> = {
  ConfigMap: { plural: 'configmaps', namespaced: true },
  Event: { plural: 'events', namespaced: true },
  Namespace: { plural: 'namespaces', namespaced: false },
  PersistentVolumeClaim: { plural: 'persistentvolumeclaims', namespaced: true },
  Pod: { plural: 'pods', namespaced: true },
  Secret: { plural: 'secrets', namespaced: true },
  Service: { plural: 'services', namespaced: true },
  ServiceAccount: { plural: 'serviceaccounts', namespaced: true },
};

export function createDiscovery(rest: Rest): Discovery {
  const known = new Map<string, ResourceList>();
  return async ({ apiVersion, kind }, signal) => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const core = apiVersion === 'v1' && Object.hasOwn(coreKinds, kind) ? coreKinds[kind] : undefined;
    if (core) return { base, ...core };
    const find = (list: ResourceList) => {
      const resource = list.resources?.find((entry) => entry.kind === kind && !entry.name.includes('/'));
      return resource && { base, plural: resource.name, namespaced: resource.namespaced };
    };
    const cached = known.get(apiVersion);
    const hit = cached && find(cached);
    if (hit) return hit;
    // asked again on a miss: a custom resource may have been defined a moment ago
    const list = await readResources(rest, base, signal);
    known.set(apiVersion, list);
    return find(list);
  };
}

async function readResources(rest: Rest, path: string, signal: AbortSignal): Promise<ResourceList> {
  try {
    const text = await rest.send({ method: 'GET', path, attempt: `look up ${path}`, signal });
    return JSON.parse(text) as ResourceList;
  } catch (error) {
    if (error instanceof UserError && error.code === 'KUBE_NOT_FOUND') return {};
    throw error;
  }
}
