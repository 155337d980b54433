import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import path from 'node:path';
import { padding, tarEnd, tarHeader } from '../archive/tar-header.ts';
import { systemErrorCode } from '../core/errors.ts';
import { createTimeSlice } from '../core/time-slice.ts';
import { readLocalEntry, toLocalEntry } from './local-tree.ts';
import type { TreeEntry } from './tree.ts';

/** What went into an archive. */
export interface Packed {
  /** Each path as it was when its bytes were read. */
  readonly entries: Map<string, TreeEntry>;
  /** Paths that changed while they were read: what was packed of them is nobody's version. */
  readonly torn: Set<string>;
  /** Paths that could not be read, with the reason. */
  readonly unreadable: Map<string, string>;
}

export interface PackProgress {
  (name: string, bytes: number): void;
}

/** The archive goes out in pieces of this size; a file is read in such pieces too. */
const pieceSize = 256 * 1024;
/** A link is not followed, a pipe is not waited for. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const emptyPacked = (): Packed => ({ entries: new Map(), torn: new Set(), unreadable: new Map() });

/**
 * A tar archive of local paths as they are now, in pieces. What vanished meanwhile is left out, its deletion comes next.
 * Files are read synchronously: four times faster than with promises (our reference, `streams.md` section 3.3); it
 * gives way to other work in between. `packed` tells in the end what is in it.
 */
export async function* packLocal(
  root: string,
  names: readonly string[],
  { packed, progress }: { readonly packed: Packed; readonly progress?: PackProgress },
): AsyncGenerator<Buffer> {
  const pieces = new Pieces();
  const slice = createTimeSlice();
  for (const name of names) {
    for (const bytes of packOne(path.join(root, name), { name, packed, pieces })) {
      progress?.(name, bytes);
      yield* pieces.takeFull();
      if (slice.isOver) await slice.giveWay();
    }
  }
  pieces.add(tarEnd);
  yield* pieces.takeFull();
  yield* pieces.takeRest();
}

/** Collects bytes in few large buffers: a buffer for each file is what made packing slow. */
class Pieces {
  #full: Buffer[] = [];
  #piece = Buffer.allocUnsafe(pieceSize);
  #used = 0;

  /** Room for so many bytes at most, in one part; `keep` says how many of them were used. */
  room(wanted: number): Buffer {
    if (this.#used === pieceSize) this.#turn();
    return this.#piece.subarray(this.#used, Math.min(pieceSize, this.#used + wanted));
  }

  keep(bytes: number): void {
    this.#used += bytes;
  }

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const room = this.room(bytes.length - at);
      bytes.copy(room, 0, at);
      this.keep(room.length);
      at += room.length;
    }
  }

  addZeros(count: number): void {
    for (let left = count; left > 0; ) {
      const room = this.room(left).fill(0);
      this.keep(room.length);
      left -= room.length;
    }
  }

  *takeFull(): Generator<Buffer> {
    yield* this.#full.splice(0);
  }

  *takeRest(): Generator<Buffer> {
    if (this.#used > 0) yield this.#piece.subarray(0, this.#used);
  }

  #turn(): void {
    this.#full.push(this.#piece);
    this.#piece = Buffer.allocUnsafe(pieceSize);
    this.#used = 0;
  }
}

interface Packing {
  readonly name: string;
  readonly packed: Packed;
  readonly pieces: Pieces;
}

/** Yields how many bytes were added, after each piece. */
function* packOne(file: string, packing: Packing): Generator<number> {
  const { name, packed } = packing;
  try {
    const handle = openFile(file);
    if (handle === undefined) {
      packLink(file, packing);
      yield 512;
      return;
    }
    try {
      yield* packOpened(handle, packing);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    packed.entries.delete(name);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENXIO') packed.unreadable.set(name, code);
  }
}

/** `undefined` for a link. */
function openFile(file: string): number | undefined {
  try {
    return openSync(file, openFlags);
  } catch (error) {
    if (systemErrorCode(error) === 'ELOOP' || systemErrorCode(error) === 'EMLINK') return undefined;
    throw error;
  }
}

function packLink(file: string, { name, packed, pieces }: Packing): void {
  const entry = readLocalEntry(path.dirname(file), path.basename(file));
  if (entry?.type !== 'symlink') return;
  packed.entries.set(name, entry);
  const { mode, mtime } = entry;
  pieces.add(tarHeader({ type: 'symlink', name, mode, mtime, size: 0, target: readlinkSync(file) }));
}

function* packOpened(handle: number, { name, packed, pieces }: Packing): Generator<number> {
  const stat = fstatSync(handle);
  const entry = toLocalEntry(stat);
  // what was a pipe or a device was opened without harm
  if (!entry || entry.type === 'symlink') return;
  const { type, mode, mtime } = entry;
  packed.entries.set(name, entry);
  pieces.add(tarHeader({ type, name, mode, mtime, size: type === 'file' ? stat.size : 0 }));
  yield 512;
  if (type === 'directory') return;
  let left = stat.size;
  while (left > 0) {
    const room = pieces.room(left);
    const read = readSync(handle, room, 0, room.length, null);
    // the announced size is kept whatever happens to the file: what is missing is zero
    if (read === 0) break;
    pieces.keep(read);
    left -= read;
    yield read;
  }
  pieces.addZeros(left + padding(stat.size));
  noteTorn(name, packed, { before: stat, after: fstatSync(handle), isShort: left > 0 });
}

/** Clocks of file systems tick as slowly: a later edit of the same tick and size could not be told from this one. */
const tickMs = 10;

function noteTorn(name: string, { torn }: Packed, seen: { before: Stats; after: Stats; isShort: boolean }): void {
  const { before, after, isShort } = seen;
  const isChanged = isShort || before.mtimeMs !== after.mtimeMs || before.size !== after.size;
  if (isChanged || Math.abs(Date.now() - after.mtimeMs) < tickMs) torn.add(name);
}
