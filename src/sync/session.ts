import { mkdirSync, realpathSync } from 'node:fs';
import type { SyncConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { selectBrake } from './brakes.ts';
import { keepWatching } from './container-eyes.ts';
import { type ContainerSide, openContainerSide } from './container-side.ts';
import { saveLosers } from './conflicts.ts';
import { prunableNames } from './excludes.ts';
import { type LocalEyes, openLocalEyes } from './local-eyes.ts';
import { recall, type SyncMemory } from './memory.ts';
import { planSync, type SyncPlan, type UnknownRule } from './plan.ts';
import { createProgress } from './progress.ts';
import { readSyncRules, restrictPlan, type SyncRules, unknownRule } from './restrict-plan.ts';
import { SyncView } from './sync-view.ts';
import { deleteHere, deleteThere, download, isSmall, type TransferContext, upload } from './transfers.ts';

export interface SessionOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  readonly config: SyncConfig;
  /** What is known from earlier sessions; kept up to date. */
  readonly memory: SyncMemory;
  /** Folder for versions that lose a conflict. */
  readonly conflictFolder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called once when both sides agree for the first time. */
  onInitialSync(): void;
  /** The memory has changed. */
  onRemember(): void;
  /** Paths have arrived in the container. */
  onUpload(names: readonly string[]): Promise<void>;
  confirm: ConfirmDeletes;
}

/** Asks whether so many files may be deleted; `later` if a person is there but cannot be asked at the moment. */
export type ConfirmDeletes = (question: string) => Promise<'yes' | 'no' | 'later' | 'nobody'>;

/** Editors write a file in several steps; a batch waits for silence of this length, up to the second figure. */
const [settleMs, longestSettleMs] = [12, 100];
/** Many folders at once are a checkout or an installation, which goes on for a while. */
const [manyFolders, manySettleMs, longestManySettleMs] = [40, 50, 1_000];
/** Many deletes wait until it is quiet, so that what comes in their place is seen. */
const [manyDeletes, deleteSettleMs, longestDeleteSettleMs] = [10, 300, 3_000];
/** Larger files travel alone, so that they hold up no others. */
const largeBytes = 8 * 1024 * 1024;
const checkFoldersMs = 2_000;
/** Walking through everything here may take this share of our time. */
const [walkShare, walkEveryMs] = [400, 15_000];
const tornRetryMs = 300;

/**
 * Keeps one folder equal on both sides until the signal aborts; then it rejects, as it does when the link is lost. Ends by
 * itself only for an entry that is not watched.
 */
export async function runSyncSession(options: SessionOptions): Promise<void> {
  const { config, container, signal, log } = options;
  mkdirSync(config.localPath, { recursive: true });
  const rooted = { ...config, localPath: realpathSync(config.localPath) };
  const rules = readSyncRules(rooted);
  const ended = new AbortController();
  const inner = AbortSignal.any([signal, ended.signal]);
  const prune = prunableNames(rules.patterns);
  const side = await openContainerSide({ ...options, path: config.containerPath, prune, signal: inner });
  const session = new SyncSession({ ...options, config: rooted, signal: inner }, { side, rules });
  try {
    log.info(`Synchronising ${config.localPath} with ${side.root} in pod ${container.pod}`);
    await session.run();
  } finally {
    ended.abort();
    side.close();
    await session.close();
  }
}

interface Parts {
  readonly side: ContainerSide;
  readonly rules: SyncRules;
}

class SyncSession {
  readonly #options: SessionOptions;
  readonly #side: ContainerSide;
  readonly #rules: SyncRules;
  readonly #view: SyncView;
  readonly #eyes: LocalEyes;
  readonly #context: TransferContext;
  readonly #failed = defer<never>();
  /** Paths on their way; nothing else is decided about them meanwhile. */
  readonly #inFlight = new Set<string>();
  readonly #transfers = new Set<Promise<void>>();
  #downloads = 0;
  /** Paths that could not be carried over, with the state in which they could not: tried again when it changes. */
  readonly #stuck = new Map<string, string>();
  readonly #torn = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #eventAt = performance.now();
  #quietSince: number | undefined;
  #wake = (): void => {};
  #isAwake = false;

  constructor(options: SessionOptions, { side, rules }: Parts) {
    this.#options = options;
    this.#side = side;
    this.#rules = rules;
    this.#view = new SyncView(rules.isExcluded);
    this.#failed.promise.catch(() => {});
    this.#eyes = openLocalEyes({
      root: options.config.localPath,
      view: this.#view,
      isExcluded: rules.isExcluded,
      onChange: () => this.#onEvent(),
    });
    this.#context = {
      side,
      view: this.#view,
      memory: options.memory,
      config: options.config,
      progress: createProgress(options.log),
      problem: (name, reason) => this.#problem(name, reason),
      torn: (name) => this.#tornAgain(name),
      signal: options.signal,
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#eyes.close(), ...this.#transfers]);
  }

  async run(): Promise<void> {
    const { config, memory, signal } = this.#options;
    const isKnown = memory.identity === this.#side.identity;
    if (!isKnown) {
      memory.agreed.clear();
      memory.identity = this.#side.identity;
    } else recall(memory, this.#view);
    memory.rest = () => this.#view.rest(memory.agreed);
    const asked = this.#view.now;
    const [listing] = await Promise.all([
      this.#side.list(isKnown ? this.#view.digest() : ''),
      this.#eyes.lookAll(),
      this.#eyes.ready.catch((error: unknown) => this.#options.log.warn(unwatched(error))),
    ]);
    if (listing) this.#view.noteListing(listing, asked);
    for (const name of everyPath(this.#view, memory)) this.#view.dirty.add(name);
    const first = (name: string) => unknownRule(config, this.#rules, name);
    await this.#reconcile(isKnown ? () => 'keepBoth' : first, 'first');
    await Promise.race([this.#idle(), this.#failed.promise]);
    this.#options.onRemember();
    this.#options.onInitialSync();
    if (config.noWatch) return;
    const looking = keepWatching({
      side: this.#side,
      view: this.#view,
      polling: config.polling,
      onNews: () => this.#onEvent(),
      idleMs: () => performance.now() - this.#eventAt,
      log: this.#options.log,
      signal,
    });
    looking.catch(() => {});
    await Promise.race([looking, this.#follow(), this.#rescan(), this.#failed.promise]);
  }

  async #follow(): Promise<never> {
    const { signal } = this.#options;
    for (;;) {
      if (!this.#isAwake) {
        await Promise.race([
          new Promise<void>((resolve) => {
            this.#wake = resolve;
          }),
          sleep(60_000, signal),
        ]);
      }
      if (this.#eyes.waiting > 0) await this.#settle();
      this.#isAwake = false;
      await this.#eyes.look();
      if (this.#view.dirty.size > 0) await this.#reconcile(() => 'keepBoth', 'running');
    }
  }

  /** Waits until nothing has happened for a moment. */
  async #settle(): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const isMany = this.#eyes.waiting > manyFolders;
      const quiet = performance.now() - this.#eventAt;
      const wanted = isMany ? manySettleMs : settleMs;
      if (quiet >= wanted || performance.now() - startedAt > (isMany ? longestManySettleMs : longestSettleMs)) return;
      await sleep(Math.max(1, wanted - quiet), this.#options.signal);
    }
  }

  /** Makes up for lost events. */
  async #rescan(): Promise<never> {
    const { signal } = this.#options;
    let walkAt = performance.now() + walkEveryMs;
    for (;;) {
      await sleep(checkFoldersMs, signal);
      if (performance.now() < walkAt) {
        this.#eyes.checkFolders();
        continue;
      }
      const startedAt = performance.now();
      await this.#eyes.lookAll();
      const now = performance.now();
      walkAt = now + Math.max(walkEveryMs, (now - startedAt) * walkShare);
      if (this.#view.dirty.size > 0) this.#onEvent();
    }
  }

  /** Decides what has changed, and carries it out. */
  async #reconcile(unknown: (name: string) => UnknownRule, phase: 'first' | 'running'): Promise<void> {
    const { config, memory } = this.#options;
    const view = this.#view;
    const names = [...view.dirty].filter((name) => !this.#inFlight.has(name));
    for (const name of names) view.dirty.delete(name);
    const whole = planSync({
      local: view.local.entries,
      container: view.container.entries,
      agreed: memory.agreed,
      paths: names,
      unknown,
      compareBy: config.initialSyncCompareBy,
      conflictWinner: /Remote$/.test(config.initialSync) ? 'container' : 'local',
    });
    for (const name of whole.blocked) this.#problem(name, 'is a folder on one side only; both are left alone');
    const plan = restrictPlan(whole, { config, rules: this.#rules }, {
      isStuck: (name) => this.#stuck.get(name) === this.#stateOf(name),
      typeOf: (name) => (view.local.get(name) ?? view.container.get(name))?.type ?? 'file',
    });
    if (phase === 'running' && this.#waitsForQuiet(plan)) {
      for (const name of names) view.dirty.add(name);
      this.#later(deleteSettleMs, () => this.#onEvent('own'));
      return;
    }
    const released = await this.#brake(plan, phase);
    if (!this.#options.signal.aborted) await this.#carryOut(released);
    if (names.length > 0) this.#options.onRemember();
  }

  #waitsForQuiet({ deleteLocal, deleteContainer }: SyncPlan): boolean {
    const now = performance.now();
    if (deleteLocal.length + deleteContainer.length <= manyDeletes) {
      this.#quietSince = undefined;
      return false;
    }
    this.#quietSince ??= now;
    const isQuiet = now - this.#eventAt >= deleteSettleMs && now - this.#quietSince >= deleteSettleMs;
    if (!isQuiet && now - this.#quietSince < longestDeleteSettleMs) return true;
    this.#quietSince = undefined;
    return false;
  }

  /** The plan without what a person did not allow. */
  async #brake(plan: SyncPlan, phase: 'first' | 'running'): Promise<SyncPlan> {
    const { config, memory, log, confirm } = this.#options;
    // what the first synchronisation deletes in the container is what its strategy says
    const isMirror = phase === 'first' && memory.agreed.size === 0;
    const looked = isMirror ? { ...plan, deleteContainer: [] } : plan;
    const brake = selectBrake(looked, isMirror ? this.#view.local.entries.size : memory.agreed.size);
    if (brake.kind === 'none') return plan;
    const folder = config.localPath;
    if (brake.kind === 'halt') {
      throw new UserError('SYNC_HALTED', `Synchronisation of ${folder} halted: ${brake.reason}. Nothing was deleted.`);
    }
    const { count, side } = brake;
    const [where, cause] = side === 'local' ? [folder, 'in the container'] : ['the container', 'here'];
    const told = `${count} paths of ${folder} were deleted ${cause} at once`;
    const answer = await confirm(`${told}. Delete them in ${where} too?`);
    if (answer === 'yes') return plan;
    if (answer === 'nobody') {
      throw new UserError('SYNC_HALTED', `${told}. They were not deleted in ${where}, as nobody can be asked.`, {
        hint: `If it was meant, delete them in ${where} too, or start again in a terminal.`,
      });
    }
    const held = side === 'local' ? plan.deleteLocal : plan.deleteContainer;
    if (answer === 'later') {
      log.warn(`${told}. They stay in ${where} until you start again and are asked.`);
      for (const name of held) this.#stuck.set(name, this.#stateOf(name));
    } else {
      // they come back from the other side
      for (const name of held) {
        memory.agreed.delete(name);
        this.#view.dirty.add(name);
      }
      this.#later(0, () => this.#onEvent('own'));
    }
    return side === 'local' ? { ...plan, deleteLocal: [] } : { ...plan, deleteContainer: [] };
  }

  async #carryOut(plan: SyncPlan): Promise<void> {
    const { memory, config, log } = this.#options;
    const view = this.#view;
    for (const name of plan.agree) {
      const [local, container] = [view.local.get(name), view.container.get(name)];
      if (local && container)
        memory.agreed.set(name, { local: local.fingerprint, container: container.fingerprint });
    }
    for (const name of plan.forget) memory.agreed.delete(name);
    const saved = await saveLosers(plan, this.#options.conflictFolder, this.#context);
    for (const { name, winner } of saved) {
      log.warn(`${name} was edited on both sides; the version ${winner === 'local' ? 'here' : 'of the container'} is kept, the other one is in ${this.#options.conflictFolder}`);
    }
    const kept = new Set(plan.conflicts.filter((name) => !saved.some((one) => one.name === name)));
    const ups = plan.upload.filter((name) => !kept.has(name));
    const downs = plan.download.filter((name) => !kept.has(name));
    if (plan.deleteContainer.length > 0) {
      const gone = await deleteThere(plan.deleteContainer, this.#context);
      if (gone.length > 0) log.info(`Deleted ${countText(gone)} in the container`);
    }
    // deletes last, but a folder must be empty before a file takes its place
    const becomeFiles = downs.filter(
      (name) => view.local.get(name)?.type === 'directory' && view.container.get(name)?.type !== 'directory',
    );
    const goesFirst = (name: string) => becomeFiles.some((folder) => name.startsWith(`${folder}/`));
    this.#deleteHere(plan.deleteLocal.filter(goesFirst));
    const last = plan.deleteLocal.filter((name) => !goesFirst(name));

    const isLarge = (name: string) => (view.local.get(name)?.size ?? 0) > largeBytes;
    const others = ups.filter((name) => !isLarge(name));
    if (others.length > 0 && isSmall(others, view) && config.bandwidthLimits.upload === undefined) {
      await this.#tracked(others, () => this.#upload(others));
    } else if (others.length > 0) this.#inBackground(others, () => this.#upload(others));
    for (const name of ups.filter(isLarge)) this.#inBackground([name], () => this.#upload([name]));

    if (downs.length === 0 && this.#downloads === 0) this.#deleteHere(last);
    else if (downs.length > 0) {
      this.#downloads += 1;
      this.#inBackground([...downs, ...last], async () => {
        try {
          const placed = await download(downs, this.#context);
          if (placed.length > 0) log.info(`Downloaded ${countText(placed)}`);
          this.#deleteHere(last);
        } finally {
          this.#downloads -= 1;
        }
      });
    } else {
      for (const name of last) view.dirty.add(name);
      this.#later(100, () => this.#onEvent('own'));
    }
  }

  async #upload(names: readonly string[]): Promise<void> {
    const { log, onUpload } = this.#options;
    const placed = await upload(names, this.#context);
    if (placed.length === 0) return;
    log.info(`Uploaded ${countText(placed)}`);
    await onUpload(placed);
  }

  #deleteHere(names: readonly string[]): void {
    if (names.length === 0) return;
    const gone = deleteHere(names, this.#context);
    if (gone.length > 0) this.#options.log.info(`Deleted ${countText(gone)} here`);
  }

  async #tracked(names: readonly string[], work: () => Promise<void>): Promise<void> {
    for (const name of names) this.#inFlight.add(name);
    try {
      await work();
    } finally {
      for (const name of names) this.#inFlight.delete(name);
      if (names.some((name) => this.#view.dirty.has(name))) this.#onEvent('own');
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

  async #idle(): Promise<void> {
    while (this.#transfers.size > 0) await Promise.all(this.#transfers);
  }

  #onEvent(whose: 'own' | 'theirs' = 'theirs'): void {
    if (whose === 'theirs') this.#eventAt = performance.now();
    this.#isAwake = true;
    this.#wake();
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #tornAgain(name: string): number {
    const times = (this.#torn.get(name) ?? 0) + 1;
    this.#torn.set(name, times);
    this.#later(tornRetryMs, () => {
      this.#view.dirty.add(name);
      this.#onEvent('own');
    });
    return times;
  }

  #problem(name: string, reason: string): void {
    const state = this.#stateOf(name);
    if (this.#stuck.get(name) === state) return;
    this.#stuck.set(name, state);
    this.#options.log.warn(`${name} ${reason}`);
  }

  #stateOf(name: string): string {
    return `${this.#view.local.get(name)?.fingerprint} ${this.#view.container.get(name)?.fingerprint}`;
  }
}

function* everyPath(view: SyncView, memory: SyncMemory): Generator<string> {
  yield* view.local.entries.keys();
  yield* view.container.entries.keys();
  yield* memory.agreed.keys();
}

const countText = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.length} paths`;

const unwatched = (error: unknown): string =>
  `${error instanceof Error ? error.message : String(error)} Changes are found by looking for them, every few seconds.`;
