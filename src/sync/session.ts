import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { SyncConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { startWatching } from '../watch/watcher.ts';
import { type ContainerSide, openContainerSide } from './container-side.ts';
import { createExcludes, type Excludes } from './excludes.ts';
import { deleteLocal, type PlaceOptions, packLocal, placeFolder, placeLocal } from './local-side.ts';
import { readLocalEntry, readLocalTree } from './local-tree.ts';
import { planSync, reasonToHalt, type SyncPlan } from './plan.ts';
import { restrictPlan } from './restrict-plan.ts';
import type { Tree, TreeEntry } from './tree.ts';

export interface SessionOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  readonly config: SyncConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called once when both sides agree for the first time. */
  onInitialSync(): void;
}

/** Editors write a file in several steps; the batch waits for silence of this length. */
const settleMs = 20;
const pollMs = 1_000;
/** Listing may take this share of the container's time at most. */
const pollShare = 20;
/** Events of the local file system get lost; the whole folder is looked through after this many polls. */
const pollsPerRescan = 5;
/** `xargs` of BusyBox takes 32 KiB of names per call. */
const namesPerDownload = 24 * 1024;

/**
 * Keeps one folder equal on both sides until the signal aborts; then it rejects, as it does when the link is lost.
 * Every session starts without earlier knowledge, so it deletes nothing at its start: a restarted container that
 * lacks files is never taken for a wish to delete them here.
 */
export async function runSyncSession(options: SessionOptions): Promise<never> {
  const { config, container, signal } = options;
  await mkdir(config.localPath, { recursive: true });
  const isExcluded = createExcludes(config.excludePaths);
  const side = await openContainerSide({
    ...options,
    path: config.containerPath,
    excludePaths: config.excludePaths,
    isExcluded,
  });
  const session = new SyncSession(side, options, isExcluded);
  let wake = (): void => {};
  const watcher = startWatching({
    root: config.localPath,
    isExcluded: (folder) => isExcludedFolder(config.localPath, folder, isExcluded),
    onChange: () => {
      session.localChanged = true;
      wake();
    },
  });
  try {
    await watcher.ready;
    options.log.info(`Synchronising ${config.localPath} with ${side.root} in pod ${container.pod}`);
    await session.reconcile('both');
    options.onInitialSync();
    for (let polls = 1; ; polls += 1) {
      const pause = Math.max(pollMs, pollShare * session.lastListingMs);
      await Promise.race([sleep(pause, signal), new Promise<void>((resolve) => (wake = resolve))]);
      if (session.localChanged) await sleep(settleMs, signal);
      if (session.localChanged || polls % pollsPerRescan === 0) await session.reconcile('local');
      await session.reconcile('container');
    }
  } finally {
    side.close();
    await watcher.close();
  }
}

function isExcludedFolder(root: string, folder: string, isExcluded: Excludes): boolean {
  const name = path.relative(root, folder).split(path.sep).join('/');
  return name !== '' && isExcluded(name, 'directory');
}

/** What one session knows. Calls of `reconcile` never overlap. */
class SyncSession {
  localChanged = true;
  lastListingMs = 0;
  #local: Tree = new Map();
  /** The container's tree: its last listing plus what we did to it since. */
  #remote = new Map<string, TreeEntry>();
  #remoteIsPartial = false;
  readonly #agreed = new Map<string, { readonly local: string; readonly container: string }>();
  /** Paths that could not be carried over, with the state in which they could not: tried again when it changes. */
  readonly #stuck = new Map<string, string>();
  /** Paths that a download did not bring, with their state then. */
  readonly #missing = new Map<string, string>();

  constructor(
    readonly side: ContainerSide,
    readonly options: SessionOptions,
    readonly isExcluded: Excludes,
  ) {}

  /** Looks at one side or both, plans, and carries the plan out. */
  async reconcile(look: 'local' | 'container' | 'both'): Promise<void> {
    const { config, signal } = this.options;
    if (look !== 'container') {
      this.localChanged = false;
      this.#local = readLocalTree(config.localPath, this.isExcluded);
    }
    if (look !== 'local') {
      const startedAt = performance.now();
      const listing = await this.side.list();
      this.lastListingMs = performance.now() - startedAt;
      this.#remote = new Map(listing.tree);
      this.#remoteIsPartial = listing.partial;
    }
    const whole = planSync(this.#local, this.#remote, this.#agreed);
    const reason = reasonToHalt(whole, this.#agreed);
    if (reason !== undefined) {
      throw new UserError(
        'SYNC_PATH',
        `Synchronisation of ${config.localPath} halted: ${reason}. Nothing was deleted.`,
        {
          hint: 'If this was meant, start `devspace dev` again; else bring the folder back first.',
        },
      );
    }
    const plan = restrictPlan(whole, config, {
      deleteLocal: this.#remoteIsPartial ? 'never' : 'allowed',
      isStuck: (name) => this.#stuck.get(name) === this.#stateOf(name),
      typeOf: (name) => (this.#local.get(name) ?? this.#remote.get(name))?.type ?? 'file',
    });
    signal.throwIfAborted();
    await this.#apply(plan);
  }

  async #apply(plan: SyncPlan): Promise<void> {
    for (const name of plan.conflicts) {
      this.#problem(
        name,
        plan.upload.includes(name)
          ? 'was edited on both sides; the local version is kept'
          : 'is a folder on one side only',
      );
    }
    if (plan.deleteContainer.length > 0) await this.#deleteInContainer(plan.deleteContainer);
    if (plan.upload.length > 0) await this.#upload(plan.upload);
    // deletions last, but a folder must be empty before a file takes its place
    const becomeFiles = plan.download.filter(
      (name) => this.#local.get(name)?.type === 'directory' && this.#remote.get(name)?.type !== 'directory',
    );
    const [first, last] = partition(plan.deleteLocal, (name) => isBelow(name, becomeFiles));
    if (first.length > 0) await this.#deleteHere(first);
    if (plan.download.length > 0) await this.#download(plan.download);
    if (last.length > 0) await this.#deleteHere(last);
    for (const name of plan.agree) this.#agree(name);
    for (const name of plan.forget) this.#agreed.delete(name);
  }

  async #upload(paths: readonly string[]): Promise<void> {
    const { config, log } = this.options;
    log.status(`Uploading ${count(paths)}`);
    const placed = await this.side.upload(packLocal(config.localPath, paths));
    for (const [name, entry] of placed) this.#remote.set(name, entry);
    for (const name of paths) {
      if (placed.has(name)) this.#agree(name);
      else if (readLocalEntry(config.localPath, name)) this.#problem(name, 'could not be uploaded');
    }
    log.status(undefined);
    log.info(`Uploaded ${count(paths)}`);
  }

  async #download(paths: readonly string[]): Promise<void> {
    const { config, log, signal } = this.options;
    const done = new Set<string>();
    const placed: string[] = [];
    const options: PlaceOptions = {
      root: config.localPath,
      seen: this.#local,
      placed: (name) => {
        done.add(name);
        placed.push(name);
      },
      problem: (name, reason) => {
        done.add(name);
        this.#problem(name, reason);
      },
      signal,
    };
    const isFolder = (name: string) => this.#remote.get(name)?.type === 'directory';
    for (const name of paths.filter(isFolder)) await placeFolder(name, options);
    for (const batch of batches(paths.filter((name) => !isFolder(name)))) {
      log.status(`Downloading ${count(batch)}`);
      await this.side.download(batch, (archive) => placeLocal(archive, options));
    }
    for (const name of paths) if (!done.has(name)) this.#missed(name);
    const local = new Map(this.#local);
    for (const name of placed) {
      const entry = readLocalEntry(config.localPath, name);
      if (entry) local.set(name, entry);
    }
    this.#local = local;
    for (const name of placed) this.#agree(name);
    log.status(undefined);
    if (placed.length > 0) log.info(`Downloaded ${count(placed)}`);
  }

  async #deleteInContainer(paths: readonly string[]): Promise<void> {
    await this.side.delete(paths, this.#remote);
    for (const name of paths) {
      this.#remote.delete(name);
      this.#agreed.delete(name);
    }
    this.options.log.info(`Deleted ${count(paths)} in the container`);
  }

  async #deleteHere(paths: readonly string[]): Promise<void> {
    const kept = await deleteLocal(this.options.config.localPath, paths, this.#local);
    const local = new Map(this.#local);
    for (const name of paths) {
      if (!kept.includes(name)) local.delete(name);
      this.#agreed.delete(name);
    }
    this.#local = local;
    this.options.log.info(`Deleted ${count(paths)} here`);
  }

  #agree(name: string): void {
    const local = this.#local.get(name);
    const container = this.#remote.get(name);
    if (local && container) this.#agreed.set(name, { local: local.fingerprint, container: container.fingerprint });
  }

  /** Mostly gone again, as temporary files are; told only if the next listing still has it and it fails again. */
  #missed(name: string): void {
    const state = this.#stateOf(name);
    if (this.#missing.get(name) === state) this.#problem(name, 'cannot be read in the container');
    this.#missing.set(name, state);
  }

  #problem(name: string, reason: string): void {
    const state = this.#stateOf(name);
    if (this.#stuck.get(name) === state) return;
    this.#stuck.set(name, state);
    this.options.log.warn(`${name} ${reason}`);
  }

  #stateOf(name: string): string {
    return `${this.#local.get(name)?.fingerprint} ${this.#remote.get(name)?.fingerprint}`;
  }
}

const isBelow = (name: string, folders: readonly string[]): boolean =>
  folders.some((folder) => name.startsWith(`${folder}/`));

function partition(names: readonly string[], goesFirst: (name: string) => boolean): [string[], string[]] {
  return [names.filter(goesFirst), names.filter((name) => !goesFirst(name))];
}

function count(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.length} paths`;
}

function* batches(paths: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const name of paths) {
    const more = Buffer.byteLength(name) + 3;
    if (bytes + more > namesPerDownload && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(name);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}
