import { statSync } from 'node:fs';
import path from 'node:path';
import type { SyncConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';

/**
 * An entry for one file (`file: true`, or a local path that is a file) as one for the folders around it, of which the
 * rest is left alone (our reference, `spec-sync.md` section 4.2). Any other entry is returned as it is. Fails with
 * `SYNC_PATH` where the names differ, or where a folder stands in the place of the file.
 */
export function toFolderEntry(config: SyncConfig): SyncConfig {
  if (config.only !== undefined) return config;
  const stat = statSync(config.localPath, { throwIfNoEntry: false });
  if (stat?.isFile() !== true && !config.file) return config;
  if (stat?.isDirectory()) {
    throw new UserError('SYNC_PATH', `${config.localPath} is a folder, but the entry says \`file: true\`.`, {
      hint: 'Name the file in `path`, or remove `file`.',
    });
  }
  const [only, there] = [path.basename(config.localPath), path.posix.basename(config.containerPath)];
  if (only !== there) {
    throw new UserError('SYNC_PATH', `The file ${config.localPath} has another name in ${config.containerPath}.`, {
      hint: `Both must be called ${only}, as in \`path: ./${only}:/etc/app/${only}\`.`,
    });
  }
  return {
    ...config,
    localPath: path.dirname(config.localPath),
    containerPath: path.posix.dirname(config.containerPath),
    only,
    excludePaths: ['/*', `!/${only.replace(/[\\*?[\]!# ]/g, '\\$&')}`],
  };
}

/** Both places of an entry, for people. */
export function placesOf({ localPath, containerPath, only = '' }: SyncConfig): { here: string; there: string } {
  return { here: path.join(localPath, only), there: path.posix.join(containerPath, only) };
}
