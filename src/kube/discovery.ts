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

export function createDiscovery(rest: Rest): Discovery {
  const known = new Map<string, ResourceList>();
  return async ({ apiVersion, kind }, signal) => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
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
