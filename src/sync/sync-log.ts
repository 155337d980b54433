import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../core/log.ts';

/** A log that also says which paths were carried. */
export interface SyncLog extends Log {
  /** `Uploaded 12 paths`; few paths, or all where that is wanted, are named. */
  paths(did: string, names: readonly string[], where?: string): void;
}

export interface SyncLogOptions {
  /** Every line goes there too, with its time and every path. */
  readonly file: string;
  readonly detail: 'short' | 'every path';
}

/** So many paths are named where all are not wanted. */
const few = 3;
/** A longer file is put aside as `FILE.1`, in place of the one before. */
const longestFile = 4 * 1024 * 1024;

/** Tells on the screen in short and in a file in full, so that a question about yesterday has an answer. */
export function createSyncLog(log: Log, { file, detail }: SyncLogOptions): SyncLog {
  const write = writerOf(file);
  const both = (level: 'info' | 'done' | 'warn' | 'error') => (message: string) => {
    log[level](message);
    write(`${level} ${message}`);
  };
  return {
    ...log,
    info: both('info'),
    done: both('done'),
    warn: both('warn'),
    error: both('error'),
    paths(did, names, where) {
      const end = where === undefined ? '' : ` ${where}`;
      const all = `${did} ${names.join(', ')}${end}`;
      const short = `${did} ${names.length} paths${end}`;
      log.info(detail === 'every path' || names.length <= few ? all : short);
      write(`info ${all}`);
    },
  };
}

/** A file that cannot be written must not end the work that it tells of. */
function writerOf(file: string): (line: string) => void {
  let isUsable = true;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > longestFile) renameSync(file, `${file}.1`);
  } catch {
    isUsable = false;
  }
  return (line) => {
    if (!isUsable) return;
    try {
      appendFileSync(file, `${new Date().toISOString()} ${line.replaceAll('\n', '\\n')}\n`);
    } catch {
      isUsable = false;
    }
  };
}
