import { existsSync } from 'node:fs';
import path from 'node:path';
import { readSyncStatus, type SyncStatus } from '../sync/status.ts';
import { syncFiles } from './sync-state.ts';

export type { SavedConflict } from '../sync/memory.ts';
export type { SyncStatus } from '../sync/status.ts';

/** The synchronisations of the project that `cwd` lies in, running or not. */
export function statusOfSync(cwd: string): SyncStatus[] {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const { stateFolder } = syncFiles(folder);
    if (existsSync(stateFolder)) return readSyncStatus(stateFolder);
    if (folder === path.dirname(folder)) return [];
  }
}
