import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { systemErrorCode, UserError } from '../core/errors.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../core/process-identity.ts';

/** Who runs `devspace dev` in a project. */
interface LockHolder extends ProcessIdentity {
  readonly host: string;
  /** ISO time. */
  readonly since: string;
}

/**
 * Takes the project for this process. Rejects with `PROJECT_LOCKED` if another `devspace dev` runs in it; a lock whose
 * process is gone is replaced. Dispose it to give the project back.
 */
export function lockProject(projectRoot: string): AsyncDisposable {
  const file = path.join(projectRoot, '.devspace', 'dev.lock');
  mkdirSync(path.dirname(file), { recursive: true });
  const mine: LockHolder = { ...thisProcess(), host: hostname(), since: new Date().toISOString() };
  for (let tries = 0; !create(file, mine); tries += 1) {
    const holder = readHolder(file);
    if (holder && (mayRun(holder) || tries > 2)) throw lockedError(holder);
    rmSync(file, { force: true });
  }
  return {
    async [Symbol.asyncDispose]() {
      if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
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

function lockedError({ pid, host, since }: LockHolder): UserError {
  const where = host === hostname() ? '' : ` on ${host}`;
  const message = `\`devspace dev\` already runs in this project${where} (pid ${pid}, since ${new Date(since).toLocaleString('sv')}).`;
  return new UserError('PROJECT_LOCKED', message, {
    hint: 'Open a further terminal with `devspace enter`, or stop the other one first.',
  });
}
