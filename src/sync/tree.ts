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

/** Parents before their children. */
export const parentsFirst = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
