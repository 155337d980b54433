import type { SyncView } from './sync-view.ts';
import { folderOf, isWithin } from './tree.ts';

/** A path is tried again after such a pause, which doubles from time to time: its content may be large. */
const [firstRetryMs, longestRetryMs] = [30_000, 30 * 60_000];

interface Stuck {
  /** What both sides had when it could not be carried over. */
  readonly state: string;
  /** By the clock that `performance.now` reads. */
  readonly retryAt: number;
  readonly pauseMs: number;
}

/**
 * Paths that could not be carried over: tried again when they change, and now and then as they are, since what was in
 * the way (a full disk, missing rights) may be gone without a sign.
 */
export class StuckPaths {
  readonly #view: SyncView;
  readonly #stuck = new Map<string, Stuck>();
  /** Those that are tried again now, as they were. */
  readonly #retried = new Map<string, Stuck>();

  constructor(view: SyncView) {
    this.#view = view;
  }

  isStuck(name: string): boolean {
    return this.#stuck.get(name)?.state === this.#stateOf(name);
  }

  /** Returns whether the path was not stuck in this state before. */
  add(name: string, now = performance.now()): boolean {
    if (this.isStuck(name)) return false;
    const state = this.#stateOf(name);
    const before = this.#retried.get(name);
    const isRetried = before?.state === state;
    const pauseMs = isRetried ? Math.min(before.pauseMs * 2, longestRetryMs) : firstRetryMs;
    this.#retried.delete(name);
    this.#stuck.set(name, { state, retryAt: now + pauseMs, pauseMs });
    return !isRetried;
  }

  /** What could not be carried over because of a folder above it is tried again when that changes: added to `changed`. */
  freeBelow(changed: Set<string>): void {
    for (const name of this.#stuck.keys()) {
      if (!isWithin(folderOf(name), changed)) continue;
      this.#stuck.delete(name);
      changed.add(name);
    }
  }

  /** Frees what has waited long enough, and returns it. */
  freeWaiting(now = performance.now()): string[] {
    const due = [...this.#stuck].filter(([, { retryAt }]) => retryAt <= now);
    for (const [name, entry] of due) {
      this.#stuck.delete(name);
      this.#retried.set(name, entry);
    }
    return due.map(([name]) => name);
  }

  #stateOf(name: string): string {
    return `${this.#view.local.get(name)?.fingerprint} ${this.#view.container.get(name)?.fingerprint}`;
  }
}
