import {
  chmodSync,
  closeSync,
  createWriteStream,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type UnpackedFile, unpackEntries } from '../archive/unpack.ts';
import { systemErrorCode } from '../core/errors.ts';
import { lstatIfThere, readLocalEntry } from './local-tree.ts';
import type { TreeEntry } from './tree.ts';

export interface PlaceOptions {
  readonly root: string;
  /** What is thought to be there: what differs now was edited meanwhile and is not overwritten. */
  seen(name: string): TreeEntry | undefined;
  /** The path is not what was seen, but this; it stays so. */
  edited(name: string, now: TreeEntry | undefined): void;
  /** The path is in its place, with what it is now. */
  placed(name: string, entry: TreeEntry | undefined): void;
  /** The path stays as it is; the reason is for the user. */
  problem(name: string, reason: string): void;
  progress?(name: string, bytes: number): void;
  readonly signal: AbortSignal;
}

/** Larger files are streamed to the disk. */
const wholeBelow = 1024 * 1024;

/** Writes the files of an archive below the root: each beside its place first, then renamed. Never outside the root. */
export async function placeLocal(archive: Readable, options: PlaceOptions): Promise<void> {
  await unpackEntries(archive, {
    signal: options.signal,
    refuse: ({ name, reason }) => options.problem(name, reason),
    receive: async (file) => {
      options.progress?.(file.name, file.size);
      const content = file.type === 'file' && file.size <= wholeBelow ? await buffer(file.content) : undefined;
      await placeOne(file, content, options);
    },
  });
}

/** Makes a folder of the container below the root, under the same conditions. */
export function placeFolder(name: string, options: PlaceOptions): void {
  guarded({ name, type: 'directory', target: '' }, options, (target, now) => {
    if (now?.type === 'directory') return;
    if (now) rmSync(target);
    mkdirSync(target);
  });
}

/** Several archives may arrive in one folder at the same time, so each file has a temporary name of its own. */
let temporaries = 0;

async function placeOne(file: UnpackedFile, content: Buffer | undefined, options: PlaceOptions): Promise<void> {
  if (file.type === 'directory') return placeFolder(file.name, options);
  temporaries += 1;
  const temporary = path.join(
    options.root,
    path.dirname(file.name),
    `.devspace-sync.${process.pid}-${temporaries}.tmp`,
  );
  try {
    // all is on the disk before the last look at what is in the place
    const reason = reasonToSkip(file, options.root);
    if (reason !== undefined) return options.problem(file.name, reason);
    mkdirSync(path.dirname(temporary), { recursive: true });
    await writeTemporary(temporary, file, { content, signal: options.signal });
    guarded(file, options, (target, now) => {
      // only an empty folder gives way
      if (now?.type === 'directory') rmdirSync(target);
      renameSync(temporary, target);
    });
  } catch (error) {
    if (systemErrorCode(error) === undefined || options.signal.aborted) throw error;
    options.problem(file.name, problemText(error));
  } finally {
    removeIfThere(temporary);
  }
}

async function writeTemporary(
  temporary: string,
  file: UnpackedFile,
  { content, signal }: { readonly content: Buffer | undefined; readonly signal: AbortSignal },
): Promise<void> {
  if (file.type === 'symlink') return symlinkSync(file.target, temporary);
  if (content) writeWhole(temporary, content);
  else await pipeline(file.content, createWriteStream(temporary, { mode: 0o600 }), { signal });
  chmodSync(temporary, file.mode);
  utimesSync(temporary, file.mtime, file.mtime);
}

/** Where the parent is no folder any more, nothing is left either. */
function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOTDIR') throw error;
  }
}

type Placed = Pick<UnpackedFile, 'name' | 'type' | 'target'>;

function guarded(file: Placed, options: PlaceOptions, act: (target: string, now: TreeEntry | undefined) => void): void {
  const { root } = options;
  const reason = reasonToSkip(file, root);
  if (reason !== undefined) return options.problem(file.name, reason);
  const target = path.join(root, file.name);
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    const now = readLocalEntry(root, file.name);
    const isFolderAgain = file.type === 'directory' && now?.type === 'directory';
    if (!isFolderAgain && now?.fingerprint !== options.seen(file.name)?.fingerprint) {
      return options.edited(file.name, now);
    }
    act(target, now);
    options.placed(file.name, readLocalEntry(root, file.name));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    options.problem(file.name, problemText(error));
  }
}

const problemText = (error: unknown): string =>
  systemErrorCode(error) === 'ENOSPC'
    ? 'cannot be written here, the disk is full'
    : `cannot be written here (${systemErrorCode(error)})`;

function writeWhole(file: string, content: Buffer): void {
  const handle = openSync(file, 'w', 0o600);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(handle, content, at);
  } finally {
    closeSync(handle);
  }
}

function reasonToSkip(file: Placed, root: string): string | undefined {
  if (file.type === 'symlink' && linkLeavesRoot(file.name, file.target)) return 'is a link that leaves the folder';
  // a link among the parents would let a write land outside the root
  for (let parent = path.dirname(file.name); parent !== '.'; parent = path.dirname(parent)) {
    const stat = lstatIfThere(path.join(root, parent));
    if (stat && !stat.isDirectory()) return `lies below ${parent}, which is no folder here`;
  }
  return undefined;
}

/** Absolute targets and targets above the root mean something else on the other side. */
export function linkLeavesRoot(name: string, target: string): boolean {
  if (path.posix.isAbsolute(target)) return true;
  return path.posix.normalize(path.posix.join(path.posix.dirname(name), target)).split('/')[0] === '..';
}

/**
 * Deletes local paths, children first, if they are still what was seen; folders only when they are empty. Returns what
 * stayed.
 */
export function deleteLocal(
  root: string,
  names: readonly string[],
  seen: (name: string) => TreeEntry | undefined,
): string[] {
  return names.filter((name) => {
    const now = readLocalEntry(root, name);
    if (!now) return false;
    if (now.fingerprint !== seen(name)?.fingerprint) return true;
    try {
      if (now.type === 'directory') rmdirSync(path.join(root, name));
      else rmSync(path.join(root, name), { force: true });
      return false;
    } catch {
      return true;
    }
  });
}
