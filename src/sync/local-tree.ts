import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { systemErrorCode, UserError } from '../core/errors.ts';
import type { Excludes } from './excludes.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** Lists the local folder. Excluded folders are not entered; sockets, fifos and devices are left out. */
export function readLocalTree(root: string, isExcluded: Excludes): Tree {
  const tree = new Map<string, TreeEntry>();
  const walk = (folder: string) => {
    for (const entry of list(root, folder)) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const type = typeOf(entry);
      if (!type || isExcluded(name, type)) continue;
      const stat = lstatSync(path.join(root, name), { throwIfNoEntry: false });
      if (!stat) continue;
      tree.set(name, toEntry(stat, type));
      if (type === 'directory') walk(name);
    }
  };
  walk('');
  return tree;
}

/** The entry of one path, `undefined` if it is not there. */
export function readLocalEntry(root: string, name: string): TreeEntry | undefined {
  const stat = lstatSync(path.join(root, name), { throwIfNoEntry: false });
  const type = stat && typeOf(stat);
  return stat && type && toEntry(stat, type);
}

function list(root: string, folder: string): Dirent[] {
  try {
    return readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (error) {
    // a folder below may vanish while we look; the root must not, or all would seem deleted
    if (folder !== '' && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return [];
    throw new UserError('SYNC_PATH', `The local folder ${root} cannot be read.`, { cause: error });
  }
}

function typeOf(entry: Dirent | Stats): TreeEntry['type'] | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : undefined;
}

function toEntry(stat: Stats, type: TreeEntry['type']): TreeEntry {
  const mtime = Math.floor(stat.mtimeMs / 1000);
  const mode = stat.mode & 0o7777;
  // the time of a folder changes with its content, which is compared anyway
  const parts = type === 'directory' ? [type] : [type, stat.size, stat.mtimeMs, stat.ino, mode];
  return { type, size: stat.size, mtime, mode, fingerprint: parts.join(':') };
}
