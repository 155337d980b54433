import type { ContainerListing, ContainerNews } from './container-side.ts';
import type { Excludes } from './excludes.ts';
import { digestOfRecords, type ListedEntry, toRecord } from './listing.ts';
import type { LocalFolder } from './local-tree.ts';
import type { Agreement } from './plan.ts';
import { FolderTree, folderOf, type Sighting, type TreeEntry } from './tree.ts';

/**
 * What one session knows of both sides, and which paths have to be decided anew. Everything that we do ourselves is
 * noted here as well, so that it is not taken for a change.
 */
export class SyncView {
  readonly local = new FolderTree();
  readonly container = new FolderTree();
  /** Paths that changed on a side since they were decided. */
  readonly dirty = new Set<string>();
  /** Local paths that cannot be synchronised, with the reason. */
  readonly skipped = new Map<string, string>();
  /** Records of the container that the patterns exclude: part of the digest, of nothing else. */
  readonly #others = new Map<string, string>();
  /** Of the container's tree in that version; none where the excluded records have changed since. */
  #digest: { readonly version: number; readonly text: string } | undefined;
  /** When we changed a path in the container last, by our own count. */
  readonly #touched = new Map<string, number>();
  #changes = 0;
  /** Grows with every change of others that is seen on a side, also of a path which is still to be decided. */
  readonly news = { local: 0, container: 0 };
  /** Folders of which an answer was too old to count: what it told has to be asked again. */
  readonly #doubtful = new Set<string>();

  readonly #pruned: ReadonlySet<string>;

  /** `prune` are names of folders that a listing of the container does not enter, and does not name. */
  constructor(
    readonly isExcluded: Excludes,
    prune: readonly string[],
  ) {
    this.#pruned = new Set([...prune, '.devspace']);
  }

  /** A moment, to be given back with what the container answers to a question of now. */
  get now(): number {
    return this.#changes;
  }

  #changed(side: 'local' | 'container', name: string): void {
    this.news[side] += 1;
    this.dirty.add(name);
  }

  /** One local folder as it is now. Returns the folders in it that are new, and so unknown inside. */
  noteLocalFolder(folder: string, { entries, skipped }: LocalFolder): string[] {
    const unknown: string[] = [];
    for (const name of [...this.local.in(folder)]) if (!entries.has(name)) this.noteLocalGone(name);
    for (const [name, reason] of skipped) this.skipped.set(name, reason);
    for (const [name, entry] of entries) {
      const before = this.local.get(name);
      if (before?.fingerprint === entry.fingerprint) continue;
      this.noteLocal(name, entry);
      if (entry.type === 'directory') unknown.push(name);
    }
    return unknown;
  }

  noteLocalGone(name: string): void {
    for (const gone of this.local.delete(name)) this.#changed('local', gone);
  }

  /** What these paths are on both sides, as far as it is known now. */
  sighting(names: readonly string[]): Sighting {
    const of = (tree: FolderTree) =>
      new Map(
        names.flatMap((name): [string, TreeEntry][] => {
          const entry = tree.get(name);
          return entry ? [[name, entry]] : [];
        }),
      );
    return { local: of(this.local), container: of(this.container) };
  }

  /** One local path as somebody else has made it. */
  noteLocal(name: string, entry: TreeEntry | undefined): void {
    if (!entry) return this.noteLocalGone(name);
    this.noteOwnLocal(name, entry);
    this.#changed('local', name);
  }

  /** What we placed or deleted here ourselves. */
  noteOwnLocal(name: string, entry: TreeEntry | undefined): void {
    this.#put(this.local, name, entry);
  }

  /** What goes with a folder has been changed by somebody else, and is decided anew. */
  #put(tree: FolderTree, name: string, entry: TreeEntry | undefined): void {
    const staysFolder = entry?.type === 'directory' || tree.get(name)?.type !== 'directory';
    if (!entry || !staysFolder) for (const gone of tree.delete(name)) if (gone !== name) this.dirty.add(gone);
    if (entry) tree.set(name, entry);
  }

  /** Says that the path is about to be changed by us in the container, or has been: earlier questions do not count. */
  touch(names: Iterable<string>): void {
    this.#changes += 1;
    for (const name of names) this.#touched.set(name, this.#changes);
  }

  /** What is in the place of these paths after we changed them; what is missing is gone. */
  noteOwnContainer(names: Iterable<string>, entries: readonly ListedEntry[]): void {
    const wanted = new Set(names);
    this.touch(wanted);
    const there = new Map(entries.map(({ name, entry }) => [name, entry]));
    for (const name of wanted) {
      this.#put(this.container, name, there.get(name));
    }
    // a folder that was moved as a whole may hold what somebody else has put there already
    for (const [name, entry] of there) if (!wanted.has(name)) this.#noteContainer(name, entry);
  }

  /** Some folders and files of the container, as they were at the moment `asked` or after it. */
  noteNews({ entries, folders }: ContainerNews, asked: number): string[] {
    const unknown: string[] = [];
    const there = new Set<string>();
    for (const { name, entry } of entries) {
      there.add(name);
      if (this.#isOutdated(name, asked)) {
        this.#doubtful.add(folderOf(name));
        continue;
      }
      const isNewFolder = entry?.type === 'directory' && this.container.get(name)?.type !== 'directory';
      this.#noteContainer(name, entry);
      if (isNewFolder && this.container.get(name)) unknown.push(name);
    }
    for (const folder of folders) {
      for (const name of [...this.container.in(folder)]) {
        if (there.has(name)) continue;
        if (this.#isOutdated(name, asked)) this.#doubtful.add(folder);
        else this.#noteContainerGone(name);
      }
      for (const name of this.#others.keys())
        if (folderOf(name) === folder && !there.has(name)) this.#forgetOther(name);
    }
    return unknown;
  }

  /** Folders that have to be asked for once more, since an answer about them came too late to count. */
  takeDoubtful(): string[] {
    const folders = [...this.#doubtful].filter((folder) => folder === '' || this.container.get(folder));
    this.#doubtful.clear();
    return folders;
  }

  /** What was noted of the container is true of another one. */
  forgetContainer(): void {
    this.container.clear();
    this.#others.clear();
    this.#digest = undefined;
  }

  /** Everything that is in the container. */
  noteListing({ entries, partial }: ContainerListing, asked: number): void {
    const there = new Set<string>();
    this.#others.clear();
    this.#digest = undefined;
    for (const { name, entry } of entries) {
      there.add(name);
      if (!this.#isOutdated(name, asked)) this.#noteContainer(name, entry);
    }
    if (partial) return;
    for (const name of [...this.container.entries.keys()]) {
      if (!there.has(name) && this.container.get(name) && !this.#isOutdated(name, asked)) this.#noteContainerGone(name);
    }
  }

  /** What the container's digest is if the container is as it is known here; see the agent's `all`. */
  digest(): string {
    const { version } = this.container;
    if (this.#digest?.version !== version) this.#digest = { version, text: digestOfRecords(this.#records()) };
    return this.#digest.text;
  }

  *#records(): Generator<string> {
    for (const [name, entry] of this.container.entries) yield toRecord(name, entry);
    yield* this.#others.values();
  }

  /** Records of what the container has beside what was agreed on. */
  rest(agreed: ReadonlyMap<string, Agreement>): string[] {
    const others = [...this.container.entries]
      .filter(([name, { fingerprint }]) => agreed.get(name)?.container !== fingerprint)
      .map(([name, entry]) => toRecord(name, entry));
    return [...others, ...this.#others.values()];
  }

  #isOutdated(name: string, asked: number): boolean {
    for (let path = name; path !== ''; path = folderOf(path)) if ((this.#touched.get(path) ?? 0) > asked) return true;
    return false;
  }

  #noteContainer(name: string, entry: TreeEntry | undefined): void {
    const base = name.slice(name.lastIndexOf('/') + 1);
    if (base.startsWith('.devspace-sync.') || (entry?.type === 'directory' && this.#pruned.has(base))) return;
    if (!entry || this.isExcluded(name, entry.type)) {
      if (!entry) return;
      const record = toRecord(name, entry);
      if (this.#others.get(name) === record) return;
      this.#others.set(name, record);
      this.#digest = undefined;
      return;
    }
    const before = this.container.get(name);
    if (before?.fingerprint === entry.fingerprint) return;
    this.#put(this.container, name, entry);
    this.#changed('container', name);
  }

  #forgetOther(name: string): void {
    if (this.#others.delete(name)) this.#digest = undefined;
  }

  #noteContainerGone(name: string): void {
    for (const gone of this.container.delete(name)) this.#changed('container', gone);
  }
}
