import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** The user's folder for what a later run can do without; absolute. Source: XDG Base Directory Specification. */
export function cacheFolderOf(env: Env): string {
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  return path.join(env['XDG_CACHE_HOME'] || path.join(home, '.cache'), 'devspace');
}

/** One JSON document of a cache. That it is missing, damaged or cannot be written costs nothing but time. */
export interface CacheFile {
  /** `undefined` if there is none that can be read. */
  read(): unknown;
  /** As a whole: written beside its place, then renamed. */
  write(document: unknown): void;
}

/** The document about what `name` tells apart, such as an absolute path or a server. Makes nothing yet. */
export function cacheFileOf(folder: string, name: string): CacheFile {
  const file = path.join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  const partial = `${file}.${process.pid}`;
  return {
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
    write(document) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(partial, JSON.stringify(document), { mode: 0o600 });
        renameSync(partial, file);
      } catch {
        // where a part of the path is a file, removing would throw, too
        if (existsSync(partial)) rmSync(partial, { force: true });
      }
    },
  };
}
