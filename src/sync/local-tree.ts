import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { systemErrorCode, UserError } from '../core/errors.ts';
import { createTimeSlice } from '../core/time-slice.ts';
import type { Excludes } from './excludes.ts';
import type { TreeEntry } from './tree.ts';

/** One folder as it is now: the paths in it, with what cannot be synchronised apart. */
export interface LocalFolder {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Paths with the reason why they are left out, for the user. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Tells the folder `from` and every folder below it, parents first, each at the very moment at which it was read. Excluded
 * folders are not entered; sockets, fifos and devices are left out. Gives way to other work in between, since 100,000
 * files take half a second.
 */
export async function walkLocal(
  root: string,
  { from, isExcluded, onFolder }: { from: string; isExcluded: Excludes; onFolder: OnFolder },
): Promise<void> {
  const folders = [from];
  const slice = createTimeSlice();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const found = readLocalFolder(root, folder, isExcluded);
    if (found) {
      onFolder(folder, found);
      for (const [name, { type }] of found.entries) if (type === 'directory') folders.push(name);
    }
    if (slice.isOver) await slice.giveWay();
  }
}

export type OnFolder = (folder: string, found: LocalFolder) => void;

/** The folder itself, without what is below its folders; `undefined` if it is not there any more. */
export function readLocalFolder(root: string, folder: string, isExcluded: Excludes): LocalFolder | undefined {
  const entries = new Map<string, TreeEntry>();
  const skipped = new Map<string, string>();
  const dirents = list(root, folder, skipped);
  if (!dirents) return undefined;
  for (const dirent of dirents) {
    const name = folder === '' ? dirent.name : `${folder}/${dirent.name}`;
    const type = typeOf(dirent);
    if (isExcluded(name, type ?? 'file')) continue;
    if (!type) skipped.set(name, 'is no file, folder or link');
    // what Node.js could not decode
    else if (dirent.name.includes('\ufffd')) skipped.set(name, 'has a name that is no UTF-8');
    else {
      const entry = readLocalEntry(root, name);
      if (entry) entries.set(name, entry);
    }
  }
  return { entries, skipped };
}

/** The entry of one path, `undefined` if it is not there. */
export function readLocalEntry(root: string, name: string): TreeEntry | undefined {
  const stat = lstatIfThere(path.join(root, name));
  return stat && toLocalEntry(stat);
}

/** `undefined` too where a parent is no folder any more, for which Node.js throws. */
export function lstatIfThere(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** `undefined` for a socket, a fifo or a device. */
export function toLocalEntry(stat: Stats): TreeEntry | undefined {
  const type = typeOf(stat);
  if (!type) return undefined;
  const mtime = Math.floor(stat.mtimeMs / 1000);
  const mode = stat.mode & 0o7777;
  // the time of a folder changes with its content, which is compared anyway
  const fingerprint =
    type === 'directory' ? type : `${type[0]} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino} ${mode}`;
  return { type, size: stat.size, mtime, mode, fingerprint };
}

function list(root: string, folder: string, skipped: Map<string, string>): Dirent[] | undefined {
  try {
    return readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (error) {
    // a folder below may vanish while we look; the root must not, or all would seem deleted
    const code = systemErrorCode(error) ?? '';
    if (folder !== '' && ['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
    if (folder !== '' && ['EACCES', 'EPERM'].includes(code)) {
      skipped.set(folder, 'cannot be read here');
      return undefined;
    }
    throw new UserError(
      'SYNC_HALTED',
      `The local folder ${root} cannot be read any more (${code}). Nothing was deleted.`,
      {
        hint: 'Bring the folder back, then start again.',
        cause: error,
      },
    );
  }
}

function typeOf(entry: Dirent | Stats): TreeEntry['type'] | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : undefined;
}
