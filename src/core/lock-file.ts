import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { systemErrorCode, UserError } from './errors.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** Who holds a lock. */
interface LockHolder extends ProcessIdentity {
  readonly host: string;
  /** ISO time. */
  readonly since: string;
}

/**
 * Takes a file that says who is at work. Rejects with `PROJECT_LOCKED`, and what `taken` makes of the words for the
 * holder, if somebody is; a lock whose process is gone is replaced. Dispose it to give the file back.
 */
export function takeLock(file: string, taken: (holder: string) => { message: string; hint: string }): AsyncDisposable {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine: LockHolder = { ...thisProcess(), host: hostname(), since: new Date().toISOString() };
  for (let tries = 0; !create(file, mine); tries += 1) {
    const holder = readHolder(file);
    if (holder && (mayRun(holder) || tries > 2)) {
      const { message, hint } = taken(holderText(holder));
      throw new UserError('PROJECT_LOCKED', message, { hint });
    }
    rmSync(file, { force: true });
  }
  return {
    async [Symbol.asyncDispose]() {
      if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

/** The process that holds the lock; `undefined` if nobody on this machine does. */
export function lockHolder(file: string): number | undefined {
  const holder = readHolder(file);
  return holder && mayRun(holder) ? holder.pid : undefined;
}

function create(file: string, holder: LockHolder): boolean {
  try {
    writeFileSync(file, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` for a file that is gone, was cut in the middle of its writing or is none of ours. */
function readHolder(file: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<LockHolder> | null;
    const { pid, born, host, since } = holder ?? {};
    if (pid === undefined || born === undefined || host === undefined || since === undefined) return undefined;
    return { pid, born, host, since };
  } catch {
    return undefined;
  }
}

function mayRun(holder: LockHolder): boolean {
  // a project folder shared between machines: the other machine's processes cannot be seen from here
  return holder.host !== hostname() || isAlive(holder);
}

function holderText({ pid, host, since }: LockHolder): string {
  const where = host === hostname() ? '' : ` on ${host}`;
  return `${where} (pid ${pid}, since ${new Date(since).toLocaleString('sv')})`;
}
