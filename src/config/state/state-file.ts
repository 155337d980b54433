import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../../core/errors.ts';

/** Our own state as it stands in the file. Keys that we do not know are kept. */
export interface StateData {
  readonly [key: string]: unknown;
  readonly version: number;
  /** `null`: forgotten on purpose, so that an older file does not bring it back. */
  readonly vars?: Readonly<Record<string, SavedVariable | null>>;
  readonly activeProfile?: string | null;
  readonly activeConfig?: string | null;
  readonly lastContext?: { readonly context?: string; readonly namespace?: string };
}

export type SavedVariable = { readonly value: string } | { readonly secret: string };

export const stateVersion = 1;

export type StateRead =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly data: StateData }
  /** Must not be overwritten: it holds what this program cannot know. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'corrupt' };

export async function readStateFile(file: string): Promise<StateRead> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT' ? { kind: 'missing' } : { kind: 'corrupt' };
  }
  try {
    const data: unknown = JSON.parse(text);
    if (!isState(data)) return { kind: 'corrupt' };
    return data.version > stateVersion ? { kind: 'newer', version: data.version } : { kind: 'read', data };
  } catch {
    return { kind: 'corrupt' };
  }
}

/** Writes beside the file and renames, so that a reader never sees a half-written one. Mode 0600. */
export async function writeStateFile(file: string, data: StateData): Promise<void> {
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(partial, `${JSON.stringify(data, undefined, 2)}\n`, { mode: 0o600 });
    await chmod(partial, 0o600);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
}

/** Gives a damaged file another name and says which. */
export async function setAside(file: string): Promise<string> {
  const kept = `${file}.damaged-${randomBytes(3).toString('hex')}`;
  await rename(file, kept);
  return kept;
}

function isState(data: unknown): data is StateData {
  if (typeof data !== 'object' || data === null || !('version' in data) || typeof data.version !== 'number')
    return false;
  const vars: unknown = 'vars' in data ? data.vars : {};
  return typeof vars === 'object' && vars !== null && Object.values(vars).every(isSavedVariable);
}

function isSavedVariable(entry: unknown): boolean {
  if (entry === null) return true;
  if (typeof entry !== 'object') return false;
  return (
    ('value' in entry && typeof entry.value === 'string') || ('secret' in entry && typeof entry.secret === 'string')
  );
}
