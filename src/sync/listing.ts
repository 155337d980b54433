import { UserError } from '../core/errors.ts';
import type { Excludes } from './excludes.ts';
import type { Tree, TreeEntry } from './tree.ts';

const types: Readonly<Record<number, TreeEntry['type']>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
};

/**
 * Reads records of the form `81a4 12 1700000000 2023-11-14 22:13:20.123456789 +0000 ./name//`. Names may hold line
 * ends. Throws `SYNC_FAILED` for anything else: a listing that is not understood is never taken for an empty one.
 */
export function parseListing(text: string, isExcluded: Excludes): Tree {
  const tree = new Map<string, TreeEntry>();
  let rest = text;
  while (rest.length > 0) {
    const head = /^([0-9a-f]+) (\d+) (-?\d+) (\S+ \S+ \S+) /.exec(rest);
    const end = rest.indexOf('//\n');
    if (!head || (end < 0 && !rest.endsWith('//'))) {
      throw new UserError('SYNC_FAILED', 'The listing of the container cannot be read; nothing was changed.');
    }
    const name = rest.slice(head[0].length, end < 0 ? -2 : end).replace(/^\.\//, '');
    rest = end < 0 ? '' : rest.slice(end + 3);
    const entry = toEntry(head.slice(1));
    if (entry && !isExcluded(name, entry.type)) tree.set(name, entry);
  }
  return tree;
}

function toEntry([rawMode = '', size = '', mtime = '', ctime = '']: readonly string[]): TreeEntry | undefined {
  const mode = Number.parseInt(rawMode, 16);
  const type = types[mode & 0o170000];
  if (!type) return undefined;
  const fingerprint = type === 'directory' ? type : [rawMode, size, mtime, ctime].join(' ');
  return { type, size: Number(size), mtime: Number(mtime), mode: mode & 0o7777, fingerprint };
}
