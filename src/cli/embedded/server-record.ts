import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, type ProcessIdentity, thisProcess } from '../../core/process-identity.ts';

/** What a running embedded cluster says about itself, in `server.json` of its folder. */
export interface ServerRecord extends ProcessIdentity {
  /** ISO time. */
  readonly since: string;
  readonly server: string;
  /** Absolute path of its kubeconfig. */
  readonly kubeconfig: string;
  /** Value for `DOCKER_HOST`. */
  readonly dockerHost: string;
}

/** State of the embedded cluster: in the user's DevSpace folder, never in a project. */
export function embeddedFolder(home: string): string {
  return path.join(home, '.devspace', 'embedded');
}

/** The cluster that runs now; a record whose process is gone counts for nothing. */
export function readRecord(folder: string): ServerRecord | undefined {
  const file = recordFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ServerRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

export function writeRecord(folder: string, record: Omit<ServerRecord, 'since' | keyof ProcessIdentity>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const whole: ServerRecord = { ...thisProcess(), since: new Date().toISOString(), ...record };
  const temporary = `${recordFile(folder)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
  renameSync(temporary, recordFile(folder));
}

export function removeRecord(folder: string): void {
  rmSync(recordFile(folder), { force: true });
}

const recordFile = (folder: string): string => path.join(folder, 'server.json');
