/** What a path is on one side, as far as its own side tells changes by it. */
export interface TreeEntry {
  readonly type: 'file' | 'directory' | 'symlink';
  readonly size: number;
  /** Whole seconds since the epoch; the only time that tar and BusyBox keep. */
  readonly mtime: number;
  readonly mode: number;
  /**
   * Equal as long as the entry was not touched. Compared only with an earlier one of the same side, never across: so
   * the clocks of the two machines never have to agree (our reference, `streams.md` section 3.7).
   */
  readonly fingerprint: string;
}

/** Relative paths with `/`, without the root itself. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/**
 * What both sides were when something was decided. It is carried out only where that still holds: what is known by then
 * may be an edit that nobody has decided about.
 */
export interface Sighting {
  readonly local: Tree;
  readonly container: Tree;
}

/** Parents before their children. */
export const parentsFirst = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The folder of a path; `''` is the root. */
export function folderOf(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? '' : name.slice(0, slash);
}

/** Whether the path or one of its parents is among the others. */
export function isWithin(path: string, others: ReadonlySet<string>): boolean {
  if (others.size === 0) return false;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (others.has(path.slice(0, end))) return true;
  }
  return false;
}

/** A tree that also knows what each folder holds, so that one folder can be looked at without the others. */
export class FolderTree {
  readonly #entries = new Map<string, TreeEntry>();
  readonly #children = new Map<string, Set<string>>();

  #version = 0;

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  get entries(): Tree {
    return this.#entries;
  }

  get(name: string): TreeEntry | undefined {
    return this.#entries.get(name);
  }

  /** The paths in the folder itself. */
  in(folder: string): ReadonlySet<string> {
    return this.#children.get(folder) ?? new Set();
  }

  set(name: string, entry: TreeEntry): void {
    const before = this.#entries.get(name);
    if (before?.type === 'directory' && entry.type !== 'directory') this.#forgetBelow(name);
    this.#entries.set(name, entry);
    this.#version += 1;
    if (before) return;
    const folder = folderOf(name);
    const siblings = this.#children.get(folder);
    if (siblings) siblings.add(name);
    else this.#children.set(folder, new Set([name]));
  }

  /** Takes the path out, with all that lies below it. Returns what went. */
  delete(name: string): string[] {
    if (!this.#entries.has(name)) return [];
    const gone = [...this.#forgetBelow(name), name];
    this.#entries.delete(name);
    this.#version += 1;
    this.#children.get(folderOf(name))?.delete(name);
    return gone;
  }

  clear(): void {
    this.#entries.clear();
    this.#children.clear();
    this.#version += 1;
  }

  /** Everything below the folder, parents first. */
  *below(folder: string): Generator<string> {
    for (const name of this.in(folder)) {
      yield name;
      yield* this.below(name);
    }
  }

  #forgetBelow(folder: string): string[] {
    const names = [...this.below(folder)];
    for (const name of names) {
      this.#entries.delete(name);
      this.#children.delete(name);
    }
    this.#children.delete(folder);
    return names;
  }
}
