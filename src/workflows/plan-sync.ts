import path from 'node:path';
import { toSyncPaths } from '../config/resolve-dev.ts';
import type { InitialSync, SyncConfig, TargetSelector } from '../config/types.ts';
import { UserError } from '../core/errors.ts';

/** What the flags say about one synchronisation; what is absent was not said. */
export interface SyncChoice {
  /** `LOCAL:CONTAINER`. */
  readonly path?: string | undefined;
  readonly localPath?: string | undefined;
  readonly containerPath?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly initialSync?: InitialSync | undefined;
  readonly downloadOnInitialSync?: boolean | undefined;
  readonly direction: 'both' | 'upload' | 'download';
  readonly watch: boolean;
  readonly polling: boolean;
  readonly allReplicas: boolean;
}

/** Whether the flags say what is synchronised, so that no entry of a configuration is needed. */
export const namesFolders = ({ path: both, localPath, containerPath }: SyncChoice): boolean =>
  (both ?? localPath ?? containerPath) !== undefined;

/**
 * Pure: an entry as the flags alone say it. Nothing is deleted at the first synchronisation, as both sides keep what
 * only they have, unless the flags want it (our reference, `spec-sync.md` section 10).
 */
export function planFolders(choice: SyncChoice, target: TargetSelector, cwd: string): SyncConfig {
  const both = choice.path === undefined ? undefined : toSyncPaths(choice.path);
  const entry: SyncConfig = {
    target,
    localPath: path.resolve(cwd, choice.localPath ?? both?.local ?? '.'),
    containerPath: choice.containerPath ?? both?.container ?? '.',
    file: false,
    excludePaths: [],
    uploadExcludePaths: [],
    downloadExcludePaths: [],
    initialSync: 'preferLocal',
    initialSyncCompareBy: 'mtime',
    disableUpload: false,
    disableDownload: false,
    waitInitialSync: true,
    noWatch: false,
    polling: false,
    bandwidthLimits: {},
    onUpload: [],
    printsLog: false,
    restartsContainer: false,
    startsContainer: false,
    allReplicas: false,
  };
  return applyChoice(entry, choice);
}

/** Pure: an entry of the configuration with what the flags change in it. Its own strategy counts if no flag names one. */
export function applyChoice(entry: SyncConfig, choice: SyncChoice): SyncConfig {
  const { exclude, initialSync, downloadOnInitialSync, direction } = choice;
  const byFlag = initialSync ?? (downloadOnInitialSync === false ? 'mirrorLocal' : undefined);
  return {
    ...entry,
    ...(exclude === undefined ? {} : { excludePaths: exclude }),
    ...(byFlag === undefined ? {} : { initialSync: byFlag }),
    ...(direction === 'upload' ? { disableDownload: true } : {}),
    ...(direction === 'download' ? { disableUpload: true } : {}),
    waitInitialSync: true,
    noWatch: entry.noWatch || !choice.watch,
    polling: entry.polling || choice.polling,
    allReplicas: entry.allReplicas || choice.allReplicas,
  };
}

/** `upload` and `download` exclude each other. */
export function toDirection({ uploadOnly = false, downloadOnly = false }): SyncChoice['direction'] {
  if (uploadOnly && downloadOnly) {
    throw new UserError('USAGE', 'Only one of --upload-only and --download-only can be given.', {
      hint: 'Without both, files go both ways.',
    });
  }
  return uploadOnly ? 'upload' : downloadOnly ? 'download' : 'both';
}
