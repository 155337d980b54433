import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { lockHolder } from '../core/lock-file.ts';
import { loadMemory, type SavedConflict, type SyncAbout } from './memory.ts';

/** How one entry is. */
export interface SyncStatus extends SyncAbout {
  /** The process that synchronises it now; absent: nobody does. */
  readonly pid: number | undefined;
  /** Paths that both sides have had in common last. */
  readonly paths: number;
  /** RFC 3339: when that changed last. */
  readonly changedAt: string;
  /** Versions that lost a conflict, and where they are. */
  readonly conflicts: readonly SavedConflict[];
}

/** The state of every entry that was synchronised with this folder of memories, by local path. Contacts no cluster. */
export function readSyncStatus(stateFolder: string): SyncStatus[] {
  const files = listFolder(stateFolder).filter((name) => /^[0-9a-f]+\.json$/.test(name));
  return files
    .flatMap((name) => {
      const file = path.join(stateFolder, name);
      const { about, agreed, conflicts } = loadMemory(file);
      const changedAt = statSync(file, { throwIfNoEntry: false })?.mtime.toISOString();
      if (!about || changedAt === undefined) return [];
      return [{ ...about, pid: lockHolder(`${file}.lock`), paths: agreed.size, changedAt, conflicts }];
    })
    .sort((a, b) => (a.localPath < b.localPath ? -1 : 1));
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
