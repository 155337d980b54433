import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTimeSlice } from '../core/time-slice.ts';
import { type ListedEntry, parseListing, parseRecord } from './listing.ts';
import type { Agreement } from './plan.ts';
import type { SyncView } from './sync-view.ts';

/** What both sides agreed on, which knows what of it is not saved yet. */
class Agreements extends Map<string, Agreement> {
  readonly unsaved = new Set<string>();

  override set(name: string, agreement: Agreement): this {
    this.unsaved.add(name);
    return super.set(name, agreement);
  }

  override delete(name: string): boolean {
    this.unsaved.add(name);
    return super.delete(name);
  }

  override clear(): void {
    for (const name of this.keys()) this.unsaved.add(name);
    super.clear();
  }
}

/** What both sides had in common last, and of which container that is true. It outlives a lost stream and a run. */
export interface SyncMemory {
  /** Of the container; `''` if nothing is known. */
  identity: string;
  readonly agreed: Agreements;
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

const version = 3;

export const emptyMemory = (): SyncMemory => ({
  identity: '',
  agreed: new Agreements(),
  rest: () => [],
  conflicts: [],
});

/**
 * What was saved: a line with all but the paths, then a line for each path, of which the last one counts. A file that is
 * missing, damaged or from another version is as good as none: then the first synchronisation decides, which is safe.
 */
export function loadMemory(file: string): SyncMemory {
  try {
    const [head = '', ...lines] = readFileSync(file, 'utf8').split('\n');
    const saved = JSON.parse(head) as Head;
    if (saved.version !== version) return emptyMemory();
    const agreed = new Agreements();
    // what stands behind the last line end was cut in the middle
    for (const line of lines.slice(0, -1)) {
      const [name, local, container] = JSON.parse(line) as [string, string?, string?];
      if (local === undefined || container === undefined) agreed.delete(name);
      else agreed.set(name, { local, container });
    }
    agreed.unsaved.clear();
    const { identity, conflicts, rest, about } = saved;
    return { identity, agreed, rest: () => rest, conflicts, ...(about && { about }) };
  } catch {
    return emptyMemory();
  }
}

interface Head {
  readonly version: number;
  readonly identity: string;
  readonly rest: readonly string[];
  readonly conflicts: SavedConflict[];
  readonly about?: SyncAbout;
}

/** Without an agreement: there is none any more. */
const toLine = (name: string, agreement: Agreement | undefined): string =>
  `${JSON.stringify(agreement ? [name, agreement.local, agreement.container] : [name])}\n`;

/** As a whole: written beside its place, then renamed, so that it is whole or the earlier one. */
function saveMemory(file: string, memory: SyncMemory): void {
  const { identity, agreed, rest, conflicts, about } = memory;
  const temporary = `${file}.${process.pid}.tmp`;
  const lines = [...agreed].map(([name, agreement]) => toLine(name, agreement));
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    const head = JSON.stringify({ version, about, identity, rest: rest(), conflicts });
    writeFileSync(temporary, `${head}\n${lines.join('')}`);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  agreed.unsaved.clear();
}

/** A file in which so many lines are out of date is written anew. */
const mostLines = 5_000;

/**
 * Returns a function that saves what has changed since the last call: as lines behind the others, which costs nothing in
 * a large tree; as a whole where that is shorter, or where more than paths has changed.
 */
export function createSaver(file: string, memory: SyncMemory): () => void {
  let head: string | undefined;
  let appended = 0;
  return () => {
    const { agreed, identity, conflicts, about } = memory;
    const now = JSON.stringify([identity, conflicts.length, conflicts.at(-1)?.at, about]);
    const { unsaved } = agreed;
    if (head !== now || unsaved.size > agreed.size / 2 || appended + unsaved.size > mostLines) {
      saveMemory(file, memory);
      head = now;
      appended = 0;
      return;
    }
    const lines = [...unsaved].map((name) => toLine(name, agreed.get(name)));
    appendFileSync(file, lines.join(''));
    appended += lines.length;
    unsaved.clear();
  };
}

/** A damaged record is forgotten: then the container does not have what is known, and tells all of it. */
function readRest(record: string): ListedEntry[] {
  try {
    return [...parseListing(record)];
  } catch {
    return [];
  }
}

/**
 * Fills in what the container had, so that it need not be sent again if it still has that. Gives way to other work: it
 * is done while the container is reached.
 */
export async function recall({ agreed, rest }: SyncMemory, view: SyncView): Promise<void> {
  const slice = createTimeSlice();
  const note = (entries: readonly ListedEntry[]) => view.noteNews({ entries, folders: [] }, view.now);
  for (const [name, { container }] of agreed) {
    const known = parseRecord(name, container);
    if (known) note([known]);
    if (slice.isOver) await slice.giveWay();
  }
  note(rest().flatMap(readRest));
  // made now, it is at hand when the container is to be asked
  view.digest();
}
