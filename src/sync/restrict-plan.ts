import type { SyncConfig } from '../config/types.ts';
import { createExcludes, type Excludes, readExcludeFile } from './excludes.ts';
import type { SyncPlan, UnknownRule } from './plan.ts';
import type { TreeEntry } from './tree.ts';

/** The patterns of one entry, those of its exclude files included. */
export interface SyncRules {
  /** In both directions. */
  readonly patterns: readonly string[];
  readonly isExcluded: Excludes;
  readonly uploadExcluded: Excludes;
  readonly downloadExcluded: Excludes;
}

/** Reads the exclude files. Fails with `SYNC_PATH` if one is missing. */
export function readSyncRules(config: SyncConfig): SyncRules {
  const read = (file: string | undefined) => readExcludeFile(config.localPath, file);
  const patterns = [...config.excludePaths, ...read(config.excludeFile)];
  return {
    patterns,
    isExcluded: createExcludes(patterns),
    uploadExcluded: createExcludes([...config.uploadExcludePaths, ...read(config.uploadExcludeFile)]),
    downloadExcluded: createExcludes([...config.downloadExcludePaths, ...read(config.downloadExcludeFile)]),
  };
}

export interface Restrictions {
  isStuck(name: string): boolean;
  typeOf(name: string): TreeEntry['type'];
}

/**
 * The plan without what the direction's own excludes forbid (neither copied nor deleted in that direction), what the
 * entry switches off, and what failed before in the same state.
 */
export function restrictPlan(
  plan: SyncPlan,
  { config, rules }: { readonly config: SyncConfig; readonly rules: SyncRules },
  { isStuck, typeOf }: Restrictions,
): SyncPlan {
  const goesUp = (name: string) => !config.disableUpload && !isStuck(name) && !rules.uploadExcluded(name, typeOf(name));
  const comesDown = (name: string) =>
    !config.disableDownload && !isStuck(name) && !rules.downloadExcluded(name, typeOf(name));
  const upload = plan.upload.filter(goesUp);
  const download = plan.download.filter(comesDown);
  const carried = new Set([...upload, ...download]);
  return {
    ...plan,
    upload,
    download,
    deleteContainer: plan.deleteContainer.filter(goesUp),
    deleteLocal: plan.deleteLocal.filter(comesDown),
    conflicts: plan.conflicts.filter((name) => carried.has(name)),
  };
}

/** At the first synchronisation a mirror does not delete what its direction leaves alone: that is copied. */
export function unknownRule({ initialSync }: SyncConfig, rules: SyncRules, name: string): UnknownRule {
  if (initialSync === 'mirrorLocal' && rules.uploadExcluded(name, 'file')) return 'preferLocal';
  if (initialSync === 'mirrorRemote' && rules.downloadExcluded(name, 'file')) return 'preferRemote';
  return initialSync;
}
