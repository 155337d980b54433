import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseListing, parseRecord } from './listing.ts';
import type { Agreement } from './plan.ts';
import type { SyncView } from './sync-view.ts';

/** What both sides had in common last, and of which container that is true. It outlives a lost stream and a run. */
export interface SyncMemory {
  /** Of the container; `''` if nothing is known. */
  identity: string;
  readonly agreed: Map<string, Agreement>;
  /** Records of what else is in the container, as it lists them. */
  rest: () => readonly string[];
  /** Versions that lost a conflict and where they are kept. */
  readonly conflicts: SavedConflict[];
}

export interface SavedConflict {
  readonly name: string;
  /** Whose version was kept in place. */
  readonly winner: 'local' | 'container';
  /** Absolute path of the other version. */
  readonly savedTo: string;
  /** RFC 3339. */
  readonly at: string;
}

const version = 1;

export const emptyMemory = (): SyncMemory => ({ identity: '', agreed: new Map(), rest: () => [], conflicts: [] });

/**
 * What was saved. A file that is missing, damaged or from another version is as good as none: then the first
 * synchronisation decides, which is safe.
 */
export function loadMemory(file: string): SyncMemory {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly version: number;
      readonly identity: string;
      readonly agreed: readonly (readonly [string, string, string])[];
      readonly rest: readonly string[];
      readonly conflicts: SavedConflict[];
    };
    if (saved.version !== version) return emptyMemory();
    const agreed = new Map(saved.agreed.map(([name, local, container]) => [name, { local, container }] as const));
    return { identity: saved.identity, agreed, rest: () => saved.rest, conflicts: saved.conflicts };
  } catch {
    return emptyMemory();
  }
}

/** Written beside its place, then renamed, so that it is whole or the earlier one. */
export function saveMemory(file: string, { identity, agreed, rest, conflicts }: SyncMemory): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const lines = [...agreed].map(([name, { local, container }]) => JSON.stringify([name, local, container]));
  const head = JSON.stringify({ version, identity, rest: rest(), conflicts }).slice(0, -1);
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, `${head},"agreed":[\n${lines.join(',\n')}\n]}\n`);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Fills in what the container had, so that it need not be sent again if it still has that. */
export function recall({ agreed, rest }: SyncMemory, view: SyncView): void {
  const known = [...agreed].map(([name, { container }]) => parseRecord(name, container));
  view.noteListing(
    {
      entries: [...known.flatMap((one) => one ?? []), ...rest().flatMap((record) => [...parseListing(record)])],
      partial: true,
    },
    view.now,
  );
  view.dirty.clear();
}
