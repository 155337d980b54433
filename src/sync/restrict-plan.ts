import type { SyncConfig } from '../config/types.ts';
import { createExcludes, type Excludes, type PatternList, readExcludeFile } from './excludes.ts';
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

/** What is excluded, by direction; each list with the key, and the file, that it stands in. */
export interface PatternLists {
  readonly both: readonly PatternList[];
  readonly upload: readonly PatternList[];
  readonly download: readonly PatternList[];
}

/** Reads the exclude files. Fails with `SYNC_PATH` if one is missing. */
export function readPatternLists(config: SyncConfig): PatternLists {
  const lists = (pathsKey: `${string}Paths` & keyof SyncConfig, fileKey: `${string}File` & keyof SyncConfig) => {
    const file = config[fileKey];
    return [
      { source: pathsKey, patterns: config[pathsKey] },
      ...(file ? [{ source: `${fileKey} ${file}`, patterns: readExcludeFile(config.localPath, file) }] : []),
    ];
  };
  return {
    both: lists('excludePaths', 'excludeFile'),
    upload: lists('uploadExcludePaths', 'uploadExcludeFile'),
    download: lists('downloadExcludePaths', 'downloadExcludeFile'),
  };
}

/** Reads the exclude files. Fails with `SYNC_PATH` if one is missing. */
export function readSyncRules(config: SyncConfig): SyncRules {
  const { both, upload, download } = readPatternLists(config);
  const all = (lists: readonly PatternList[]) => lists.flatMap(({ patterns }) => patterns);
  const patterns = all(both);
  return {
    patterns,
    isExcluded: createExcludes(patterns),
    uploadExcluded: createExcludes(all(upload)),
    downloadExcluded: createExcludes(all(download)),
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
