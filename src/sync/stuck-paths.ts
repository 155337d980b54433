import type { SyncView } from './sync-view.ts';
import { folderOf, isWithin } from './tree.ts';

/** Paths that could not be carried over, with the state in which they could not: tried again when it changes. */
export class StuckPaths {
  readonly #view: SyncView;
  readonly #states = new Map<string, string>();

  constructor(view: SyncView) {
    this.#view = view;
  }

  isStuck(name: string): boolean {
    return this.#states.get(name) === this.#stateOf(name);
  }

  /** Returns whether the path was not stuck in this state before. */
  add(name: string): boolean {
    if (this.isStuck(name)) return false;
    this.#states.set(name, this.#stateOf(name));
    return true;
  }

  /** What could not be carried over because of a folder above it is tried again when that changes: added to `changed`. */
  freeBelow(changed: Set<string>): void {
    for (const name of this.#states.keys()) {
      if (!isWithin(folderOf(name), changed)) continue;
      this.#states.delete(name);
      changed.add(name);
    }
  }

  #stateOf(name: string): string {
    return `${this.#view.local.get(name)?.fingerprint} ${this.#view.container.get(name)?.fingerprint}`;
  }
}
