import type { SyncConfig } from '../config/types.ts';
import { createExcludes } from './excludes.ts';
import type { SyncPlan } from './plan.ts';
import type { TreeEntry } from './tree.ts';

export interface Restrictions {
  readonly deleteLocal: 'allowed' | 'never';
  isStuck(path: string): boolean;
  typeOf(path: string): TreeEntry['type'];
}

/**
 * The plan without what the direction's own excludes forbid (neither copied nor deleted in that direction) and
 * without what failed before in the same state.
 */
export function restrictPlan(
  plan: SyncPlan,
  config: SyncConfig,
  { deleteLocal, isStuck, typeOf }: Restrictions,
): SyncPlan {
  const uploadExcluded = createExcludes(config.uploadExcludePaths);
  const downloadExcluded = createExcludes(config.downloadExcludePaths);
  const goesUp = (path: string) => !isStuck(path) && !uploadExcluded(path, typeOf(path));
  const comesDown = (path: string) => !isStuck(path) && !downloadExcluded(path, typeOf(path));
  return {
    ...plan,
    upload: plan.upload.filter(goesUp),
    deleteContainer: plan.deleteContainer.filter(goesUp),
    download: plan.download.filter(comesDown),
    deleteLocal: deleteLocal === 'allowed' ? plan.deleteLocal.filter(comesDown) : [],
  };
}
