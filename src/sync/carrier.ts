import { defer } from '../core/deferred.ts';
import { saveLosers } from './conflicts.ts';
import type { SyncPlan } from './plan.ts';
import type { SyncLog } from './sync-log.ts';
import { deleteHere, deleteThere, download, isSmall, type TransferContext, upload } from './transfers.ts';
import type { Sighting } from './tree.ts';

export interface CarrierOptions {
  /** Folder for versions that lose a conflict. */
  readonly conflictFolder: string;
  readonly log: SyncLog;
  /** Paths have arrived in the container. */
  onUpload(names: readonly string[]): Promise<void>;
  /** What both sides have in common has changed. */
  onRemember(): void;
  /** There is something to decide, after so many milliseconds. */
  onDirty(afterMs: number): void;
}

/** Larger files travel alone, so that they hold up no others. */
const largeBytes = 8 * 1024 * 1024;

/** Carries plans out: small things at once, large ones beside the work that goes on. */
export class Carrier {
  readonly #context: TransferContext;
  readonly #options: CarrierOptions;
  readonly #failed = defer<never>();
  /** Paths on their way; nothing else is decided about them meanwhile. */
  readonly #inFlight = new Set<string>();
  readonly #transfers = new Set<Promise<void>>();
  #downloads = 0;

  constructor(context: TransferContext, options: CarrierOptions) {
    this.#context = context;
    this.#options = options;
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when a transfer in the background fails. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  isOnItsWay(name: string): boolean {
    return this.#inFlight.has(name);
  }

  /** Carries out what was decided when both sides were as `seen`; what takes longer goes on by itself, see `idle`. */
  async carryOut(plan: SyncPlan, seen: Sighting): Promise<void> {
    const { conflictFolder, log, onDirty } = this.#options;
    const { memory, view } = this.#context;
    this.#agree(plan.agree, seen);
    for (const name of plan.forget) memory.agreed.delete(name);
    const { saved, same } = await saveLosers({ plan, seen, folder: conflictFolder }, this.#context);
    this.#agree(same, seen);
    for (const { name, winner } of saved) {
      log.warn(
        `${name} was edited on both sides; the version ${winner === 'local' ? 'here' : 'of the container'} is kept, the other one is in ${conflictFolder}`,
      );
    }
    const kept = new Set(plan.conflicts.filter((name) => !saved.some((one) => one.name === name)));
    const ups = plan.upload.filter((name) => !kept.has(name));
    const downs = plan.download.filter((name) => !kept.has(name));
    // the container does this before it places what is sent meanwhile
    const deleting = this.#deleteThere(plan.deleteContainer, seen);
    deleting.catch(() => {});
    // deletes last, but a folder must be empty before a file takes its place
    const becomeFiles = downs.filter(
      (name) => seen.local.get(name)?.type === 'directory' && seen.container.get(name)?.type !== 'directory',
    );
    const goesFirst = (name: string) => becomeFiles.some((folder) => name.startsWith(`${folder}/`));
    this.#deleteHere(plan.deleteLocal.filter(goesFirst), seen);
    const last = plan.deleteLocal.filter((name) => !goesFirst(name));

    const isLarge = (name: string) => (view.local.get(name)?.size ?? 0) > largeBytes;
    const others = ups.filter((name) => !isLarge(name));
    if (others.length > 0 && isSmall(others, 'upload', this.#context)) {
      await deleting;
      await this.#tracked(others, () => this.#upload(others, seen));
    } else if (others.length > 0) this.#inBackground(others, () => this.#upload(others, seen));
    for (const name of ups.filter(isLarge)) this.#inBackground([name], () => this.#upload([name], seen));
    await deleting;

    if (downs.length === 0 && this.#downloads === 0) this.#deleteHere(last, seen);
    else if (downs.length > 0) {
      this.#downloads += 1;
      this.#inBackground([...downs, ...last], async () => {
        try {
          const placed = await download(downs, seen, this.#context);
          if (placed.length > 0) log.paths('Downloaded', placed);
          this.#deleteHere(last, seen);
        } finally {
          this.#downloads -= 1;
        }
      });
    } else {
      for (const name of last) view.dirty.add(name);
      onDirty(100);
    }
  }

  #agree(names: readonly string[], seen: Sighting): void {
    const { memory } = this.#context;
    for (const name of names) {
      const [local, container] = [seen.local.get(name), seen.container.get(name)];
      if (local && container) memory.agreed.set(name, { local: local.fingerprint, container: container.fingerprint });
    }
  }

  async #upload(names: readonly string[], seen: Sighting): Promise<void> {
    const { log, onUpload } = this.#options;
    const placed = await upload(names, seen, this.#context);
    if (placed.length === 0) return;
    log.paths('Uploaded', placed);
    await onUpload(placed);
  }

  async #deleteThere(names: readonly string[], seen: Sighting): Promise<void> {
    if (names.length === 0) return;
    const gone = await deleteThere(names, seen, this.#context);
    if (gone.length > 0) this.#options.log.paths('Deleted', gone, 'in the container');
  }

  #deleteHere(names: readonly string[], seen: Sighting): void {
    if (names.length === 0) return;
    const gone = deleteHere(names, seen, this.#context);
    if (gone.length > 0) this.#options.log.paths('Deleted', gone, 'here');
  }

  async #tracked(names: readonly string[], work: () => Promise<void>): Promise<void> {
    for (const name of names) this.#inFlight.add(name);
    try {
      await work();
    } finally {
      for (const name of names) this.#inFlight.delete(name);
      if (names.some((name) => this.#context.view.dirty.has(name))) this.#options.onDirty(0);
    }
  }

  #inBackground(names: readonly string[], work: () => Promise<void>): void {
    const running: Promise<void> = this.#tracked(names, work)
      .then(
        () => this.#options.onRemember(),
        (error: unknown) => this.#failed.reject(error),
      )
      .finally(() => this.#transfers.delete(running));
    this.#transfers.add(running);
  }

  /** Everything that was begun has ended. */
  async idle(): Promise<void> {
    while (this.#transfers.size > 0) await Promise.all(this.#transfers);
  }
}
