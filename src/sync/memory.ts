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
  /** Whose memory it is, for people; absent in one that was never used. */
  about?: SyncAbout;
}

/** The two folders of an entry. */
export interface SyncAbout {
  /** Absolute. */
  readonly localPath: string;
  readonly containerPath: string;
  /** Where it was found last. */
  readonly pod: string;
  readonly container: string;
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

const version = 2;

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
      readonly about?: SyncAbout;
    };
    if (saved.version !== version) return emptyMemory();
    const agreed = new Map(saved.agreed.map(([name, local, container]) => [name, { local, container }] as const));
    const { identity, conflicts, rest, about } = saved;
    return { identity, agreed, rest: () => rest, conflicts, ...(about && { about }) };
  } catch {
    return emptyMemory();
  }
}

/** Written beside its place, then renamed, so that it is whole or the earlier one. */
export function saveMemory(file: string, { identity, agreed, rest, conflicts, about }: SyncMemory): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const lines = [...agreed].map(([name, { local, container }]) => JSON.stringify([name, local, container]));
  const head = JSON.stringify({ version, about, identity, rest: rest(), conflicts }).slice(0, -1);
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
