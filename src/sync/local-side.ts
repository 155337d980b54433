import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readlink, rename, rm, rmdir, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ArchiveEntry, packEntries } from '../archive/pack.ts';
import { type UnpackedFile, unpackEntries } from '../archive/unpack.ts';
import { systemErrorCode } from '../core/errors.ts';
import { readLocalEntry } from './local-tree.ts';
import type { Tree } from './tree.ts';

const streamAbove = 1024 * 1024;

/** An archive of local paths as they are now; what vanished meanwhile is left out, its deletion comes next. */
export function packLocal(root: string, paths: readonly string[]): Readable {
  return packEntries(localEntries(root, paths));
}

async function* localEntries(root: string, paths: readonly string[]): AsyncGenerator<ArchiveEntry> {
  for (const name of paths) {
    const absolute = path.join(root, name);
    try {
      const stat = await lstat(absolute);
      const { mtime, size } = stat;
      const mode = stat.mode & 0o7777;
      if (stat.isDirectory()) yield { type: 'directory', name: `${name}/`, mode, mtime };
      else if (stat.isSymbolicLink()) yield { type: 'symlink', name, target: await readlink(absolute), mtime };
      else if (stat.isFile()) {
        const content = size > streamAbove ? createReadStream(absolute) : await readFile(absolute);
        yield { type: 'file', name, mode, mtime, size, content };
      }
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) throw error;
    }
  }
}

export interface PlaceOptions {
  readonly root: string;
  /** The local tree on which the plan was made: what differs now was edited meanwhile and is not overwritten. */
  readonly seen: Tree;
  placed(name: string): void;
  /** The path stays as it is; the reason is for the user. */
  problem(name: string, reason: string): void;
  readonly signal: AbortSignal;
}

/** Writes the files of an archive below the root: each beside its place first, then renamed. Never outside the root. */
export async function placeLocal(archive: Readable, options: PlaceOptions): Promise<void> {
  await unpackEntries(archive, {
    signal: options.signal,
    refuse: ({ name, reason }) => options.problem(name, reason),
    receive: (file) => placeOne(file, options),
  });
}

/** Makes a folder of the container below the root, under the same conditions. */
export async function placeFolder(name: string, options: PlaceOptions): Promise<void> {
  await placeOne({ name, type: 'directory', target: '' }, options);
}

type Placed = Pick<UnpackedFile, 'name' | 'type' | 'target'> | UnpackedFile;

async function placeOne(file: Placed, options: PlaceOptions): Promise<void> {
  const { root, seen } = options;
  const target = path.join(root, file.name);
  const reason = await reasonToSkip(file, options);
  if (reason !== undefined) return options.problem(file.name, reason);
  const now = readLocalEntry(root, file.name);
  if (file.type === 'directory' && now?.type === 'directory') return options.placed(file.name);
  if (now?.fingerprint !== seen.get(file.name)?.fingerprint) {
    return options.problem(file.name, 'was edited here meanwhile');
  }
  const temporary = path.join(path.dirname(target), `.devspace-sync.${process.pid}.tmp`);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    if (file.type === 'directory') {
      if (now) await rm(target);
      await mkdir(target);
    } else {
      await write(file, temporary, options.signal);
      // only an empty folder gives way
      if (now?.type === 'directory') await rmdir(target);
      await rename(temporary, target);
    }
    options.placed(file.name);
  } catch (error) {
    if (systemErrorCode(error) === undefined || options.signal.aborted) throw error;
    options.problem(file.name, `cannot be written here (${systemErrorCode(error)})`);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function write(file: Placed, temporary: string, signal: AbortSignal): Promise<void> {
  if (file.type === 'symlink') return symlink(file.target, temporary);
  if (!('content' in file)) return;
  await pipeline(file.content, createWriteStream(temporary, { mode: file.mode | 0o600 }), { signal });
  await chmod(temporary, file.mode);
  await utimes(temporary, file.mtime, file.mtime);
}

async function reasonToSkip(file: Placed, { root }: PlaceOptions): Promise<string | undefined> {
  if (file.type === 'symlink' && linkLeavesRoot(file.name, file.target)) return 'is a link that leaves the folder';
  // a link among the parents would let a write land outside the root
  for (let parent = path.dirname(file.name); parent !== '.'; parent = path.dirname(parent)) {
    const stat = await lstat(path.join(root, parent)).catch(() => undefined);
    if (stat && !stat.isDirectory()) return `lies below ${parent}, which is no folder here`;
  }
  return undefined;
}

/** Absolute targets and targets above the root mean something else on the other side. */
export function linkLeavesRoot(name: string, target: string): boolean {
  if (path.posix.isAbsolute(target)) return true;
  return path.posix.normalize(path.posix.join(path.posix.dirname(name), target)).split('/')[0] === '..';
}

/** Deletes local paths, children first, if they are still what the plan saw; folders only when they are empty. */
export async function deleteLocal(root: string, paths: readonly string[], seen: Tree): Promise<string[]> {
  const kept: string[] = [];
  for (const name of paths) {
    const now = readLocalEntry(root, name);
    if (!now) continue;
    if (now.fingerprint !== seen.get(name)?.fingerprint) kept.push(name);
    else if (now.type === 'directory') await rmdir(path.join(root, name)).catch(() => kept.push(name));
    else await rm(path.join(root, name), { force: true });
  }
  return kept;
}
