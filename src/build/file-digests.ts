import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { cacheFileOf, cacheFolderOf } from '../core/cache-file.ts';

export interface FileToRead {
  /** Relative to the context. */
  readonly name: string;
  readonly absolute: string;
  /** Another one after each change. */
  readonly stamp: string;
  /** When it changed last: milliseconds since the epoch. */
  readonly changedMs: number;
}

/** The SHA-256 of files. */
export interface FileDigests {
  of(file: FileToRead): Buffer;
  /** Keeps what was read for the next time. */
  save(): void;
}

/** Reads every file. */
export const readingDigests: FileDigests = { of: ({ absolute }) => digestOf(absolute), save: () => {} };

/** Of a file that changed so short ago a further change may leave the times as they are. */
const settledMs = 2_000;
const version = 1;

/**
 * Reads only files that changed since they were read last, by size, times and inode, so that a look at an unchanged
 * context takes one `lstat` for each file. What is known lies in the user's cache folder, since the folder of a context
 * is no place for files of ours. A cache that is missing, damaged or cannot be written costs nothing but time.
 */
export function openFileDigests(root: string, env: Readonly<Record<string, string | undefined>>): FileDigests {
  const cache = cacheFileOf(path.join(cacheFolderOf(env), 'contexts'), root);
  // an image with a tag of its own asks for no digest, so the cache is read for the first one
  let known: Map<string, Known> | undefined;
  const now = new Map<string, Known>();
  let isNew = false;
  return {
    of({ name, absolute, stamp, changedMs }) {
      known ??= knownOf(cache.read());
      const before = known.get(name);
      if (before?.[0] === stamp) {
        now.set(name, before);
        return Buffer.from(before[1], 'hex');
      }
      const readAt = Date.now();
      const digest = digestOf(absolute);
      if (readAt - changedMs < settledMs) return digest;
      now.set(name, [stamp, digest.toString('hex')]);
      isNew = true;
      return digest;
    },
    save() {
      if (isNew || now.size < (known?.size ?? 0)) cache.write({ version, files: Object.fromEntries(now) });
    },
  };
}

/** What a file was when it was read, and the digest as text. */
type Known = readonly [stamp: string, digest: string];

function knownOf(document: unknown): Map<string, Known> {
  const saved = document as { readonly version?: number; readonly files?: Record<string, Known> } | undefined | null;
  return new Map(saved?.version === version ? Object.entries(saved.files ?? {}) : []);
}

const buffer = Buffer.alloc(256 * 1024);

/** In pieces, so that the size of a file does not matter. */
function digestOf(absolute: string): Buffer {
  const hash = createHash('sha256');
  const file = openSync(absolute, 'r');
  try {
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
