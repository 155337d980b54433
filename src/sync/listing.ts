import { createHash } from 'node:crypto';
import { UserError } from '../core/errors.ts';
import type { TreeEntry } from './tree.ts';

const types: Readonly<Record<number, TreeEntry['type']>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
};

/** What the container says of one path: `undefined` for a socket, a fifo or a device, and for a name that is no UTF-8. */
export interface ListedEntry {
  readonly name: string;
  readonly entry: TreeEntry | undefined;
}

/** The fingerprint of a folder: its times change with its content, which is compared anyway. */
export const folderFingerprint = 'directory';

/**
 * Reads records of the form `81a4 12 1700000000 2023-11-14 22:13:20.5 +0000 2023-11-14 22:13:20.7 +0000 ./name//` for what is no folder, and
 * `d ./name//` or a whole record for folders. Names may hold line ends. Throws `SYNC_ANSWER` for anything else: a
 * listing that is not understood is never taken for an empty one.
 */
export function* parseListing(text: string): Generator<ListedEntry> {
  const head = /(?:([0-9a-f]+) (\d+) (-?\d+) (\S+(?: \S+){5})|d) \.\//y;
  for (let at = 0; at < text.length; ) {
    head.lastIndex = at;
    const match = head.exec(text);
    const end = text.indexOf('//\n', at);
    if (!match || end < 0) {
      throw new UserError('SYNC_ANSWER', 'The listing of the container cannot be read; nothing was changed.');
    }
    const name = text.slice(head.lastIndex, end);
    at = end + 3;
    const [, mode, size, mtime, times] = match;
    // what could not be decoded would not be found again by this name
    const entry = name.includes('\ufffd') ? undefined : toEntry({ mode, size, mtime, times });
    if (name !== '' && isPlain(name)) yield { name, entry };
  }
}

/** A hostile container may list `../x`; such a path is nowhere. */
const isPlain = (name: string): boolean => !name.startsWith('/') && !name.split('/').includes('..');

interface Fields {
  readonly mode?: string | undefined;
  readonly size?: string | undefined;
  readonly mtime?: string | undefined;
  readonly times?: string | undefined;
}

function toEntry({ mode: rawMode, size, mtime, times }: Fields): TreeEntry | undefined {
  if (rawMode === undefined) return { type: 'directory', size: 0, mtime: 0, mode: 0, fingerprint: folderFingerprint };
  const mode = Number.parseInt(rawMode, 16);
  const type = types[mode & 0o170000];
  if (!type) return undefined;
  const fingerprint = type === 'directory' ? folderFingerprint : `${rawMode} ${size} ${mtime} ${times}`;
  return { type, size: Number(size), mtime: Number(mtime), mode: mode & 0o7777, fingerprint };
}

/** Whether a fingerprint of the container has an mtime without a fraction. */
export const isWholeSecond = (fingerprint: string): boolean => /^\S+ \S+ \S+ \S+ [\d:]+(?:\.0*)? /.test(fingerprint);

/** The record of an entry, as the container prints it. */
export const toRecord = (name: string, { fingerprint, type }: TreeEntry): string =>
  `${type === 'directory' ? 'd' : fingerprint} ./${name}//\n`;

/** The md5 of the lines of these records in the order of their bytes, as the container forms it: `sort | md5sum`. */
export function digestOfRecords(records: Iterable<string>): string {
  const lines: string[] = [];
  for (const record of records) {
    const bytes = isAscii.test(record) ? record : Buffer.from(record).toString('latin1');
    // a name may hold line ends
    for (const line of bytes.slice(0, -1).split('\n')) lines.push(line);
  }
  const hash = createHash('md5');
  for (const line of lines.sort()) hash.update(`${line}\n`, 'latin1');
  return hash.digest('hex');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of them are ASCII
const isAscii = /^[\0-\x7f]*$/;

const fingerprintFields = /^([0-9a-f]+) (\d+) (-?\d+) (\S+(?: \S+){5})$/;

/** The entry that a fingerprint of the container stands for. */
export function parseRecord(name: string, fingerprint: string): ListedEntry | undefined {
  if (name === '' || !isPlain(name)) return undefined;
  if (fingerprint === folderFingerprint) return { name, entry: toEntry({}) };
  const [, mode, size, mtime, times] = fingerprintFields.exec(fingerprint) ?? [];
  return mode === undefined ? undefined : { name, entry: toEntry({ mode, size, mtime, times }) };
}
