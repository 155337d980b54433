import { setMaxListeners } from 'node:events';
import { mkdirSync, realpathSync } from 'node:fs';
import type { SyncConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { createBell } from '../core/bell.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { Carrier } from './carrier.ts';
import { keepWatching } from './container-eyes.ts';
import { type ContainerSide, openContainerSide } from './container-side.ts';
import { prunableNames } from './excludes.ts';
import { keepLooking, type LocalEyes, openLocalEyes } from './local-eyes.ts';
import { recall, type SyncMemory } from './memory.ts';
import { planSync, type SyncPlan, type UnknownRule } from './plan.ts';
import { createProgress } from './progress.ts';
import { type ConfirmDeletes, releasePlan } from './release-plan.ts';
import { readSyncRules, restrictPlan, type SyncRules, unknownRule } from './restrict-plan.ts';
import { placesOf } from './single-file.ts';
import { createSizeWarning, warnOfFolder } from './size-warning.ts';
import { StuckPaths } from './stuck-paths.ts';
import type { SyncLog } from './sync-log.ts';
import { SyncView } from './sync-view.ts';
import { smallCount, type TransferContext } from './transfers.ts';
import { folderOf, isWithin } from './tree.ts';

export interface SessionOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  readonly config: SyncConfig;
  /** What is known from earlier sessions; kept up to date. */
  readonly memory: SyncMemory;
  /** Folder for versions that lose a conflict. */
  readonly conflictFolder: string;
  readonly log: SyncLog;
  readonly signal: AbortSignal;
  /** Called once when both sides agree for the first time. */
  onInitialSync(): void;
  /** The memory has changed. */
  onRemember(): void;
  /** Paths have arrived in the container. */
  onUpload(names: readonly string[]): Promise<void>;
  readonly confirm: ConfirmDeletes;
}

/** Editors write a file in several steps; a batch waits for silence of this length, up to the second figure. */
const [settleMs, longestSettleMs] = [12, 100];
/** Many folders at once are a checkout or an installation, which goes on for a while. */
const [manyFolders, manySettleMs, longestManySettleMs] = [40, 50, 1_000];
/** Many deletes wait until it is quiet, so that what comes in their place is seen. */
const [manyDeletes, deleteSettleMs, longestDeleteSettleMs] = [10, 300, 3_000];
const tornRetryMs = 300;

/**
 * Keeps one folder equal on both sides until the signal aborts; then it rejects, as it does when the link is lost. Ends by
 * itself only for an entry that is not watched.
 */
export async function runSyncSession(options: SessionOptions): Promise<void> {
  const { config, container, memory, signal, log } = options;
  mkdirSync(config.localPath, { recursive: true });
  const rooted = { ...config, localPath: realpathSync(config.localPath) };
  const rules = readSyncRules(rooted);
  const ended = new AbortController();
  const inner = AbortSignal.any([signal, ended.signal]);
  // each stream and each wait of a session listens
  setMaxListeners(100, inner);
  const prune = prunableNames(rules.patterns);
  const depth = config.only === undefined ? 'all' : 'top';
  const view = new SyncView(rules.isExcluded, prune);
  const { localPath: root } = rooted;
  const aboutFolder = warnOfFolder(root);
  if (aboutFolder !== undefined) log.warn(aboutFolder);
  const warnOfSize = createSizeWarning(config.localPath, (words) => log.warn(words));
  // nothing is watched before the session begins
  const onChange = (): void => session.notice();
  const eyes = openLocalEyes({
    root,
    view,
    isExcluded: rules.isExcluded,
    onChange,
    onRead: () => warnOfSize(view.local.entries),
  });
  // the folder here is read while the container gets ready
  const looked = eyes.lookAll();
  looked.catch(() => {});
  const recalled = memory.identity === '' ? undefined : recall(memory, view);
  recalled?.catch(() => {});
  const side = await openContainerSide({ ...options, path: config.containerPath, prune, depth, signal: inner });
  const session = new SyncSession({ ...options, config: rooted, signal: inner }, { side, rules, view, eyes });
  try {
    const { here, there } = placesOf({ ...config, containerPath: side.root });
    log.info(`Synchronising ${here} with ${there} in pod ${container.pod}`);
    await recalled;
    await session.run(looked);
  } finally {
    ended.abort();
    side.close();
    await session.close();
  }
}

interface Parts {
  readonly side: ContainerSide;
  readonly rules: SyncRules;
  readonly view: SyncView;
  readonly eyes: LocalEyes;
}

class SyncSession {
  readonly #options: SessionOptions;
  readonly #side: ContainerSide;
  readonly #rules: SyncRules;
  readonly #view: SyncView;
  readonly #eyes: LocalEyes;
  readonly #context: TransferContext;
  readonly #carrier: Carrier;
  readonly #stuck: StuckPaths;
  readonly #torn = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #eventAt = performance.now();
  #quietSince: number | undefined;
  readonly #bell = createBell();

  constructor(options: SessionOptions, { side, rules, view, eyes }: Parts) {
    this.#options = options;
    this.#side = side;
    this.#rules = rules;
    this.#view = view;
    this.#stuck = new StuckPaths(view);
    this.#eyes = eyes;
    this.#context = {
      side,
      view: this.#view,
      memory: options.memory,
      config: options.config,
      progress: createProgress(options.log),
      modes: new Map(),
      problem: (name, reason) => this.#problem(name, reason),
      torn: (name) => this.#tornAgain(name),
      signal: options.signal,
    };
    this.#carrier = new Carrier(this.#context, {
      ...options,
      onDirty: (afterMs) => this.#later(afterMs, () => this.#onEvent('own')),
    });
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#eyes.close(), this.#carrier.idle()]);
  }

  /** Something happened here. */
  notice(): void {
    this.#onEvent();
  }

  /** `looked`: the folder here was read. What is remembered is in the view. */
  async run(looked: Promise<void>): Promise<void> {
    const { config, memory, signal } = this.#options;
    const isKnown = memory.identity === this.#side.identity;
    if (!isKnown) {
      memory.agreed.clear();
      memory.identity = this.#side.identity;
      this.#view.forgetContainer();
      // a copy of very many files is likely, and its stream can be opened while the container is listed
      const isLarge = this.#view.local.entries.size > smallCount;
      if (isLarge && this.#side.canWrite && !config.disableUpload) this.#side.prepareUpload();
    }
    const { here: localPath, there: containerPath } = placesOf(config);
    const { pod, container } = this.#options.container;
    memory.about = { localPath, containerPath, pod, container };
    memory.rest = () => this.#view.rest(memory.agreed);
    const asked = this.#view.now;
    const [listing] = await Promise.all([this.#side.list(isKnown ? this.#view.digest() : ''), looked]);
    if (listing) this.#view.noteListing(listing, asked);
    const { log } = this.#options;
    createSizeWarning(`${this.#side.root} of the container`, (words) => log.warn(words))(this.#view.container.entries);
    for (const name of everyPath(this.#view, memory)) this.#view.dirty.add(name);
    const first = (name: string) => unknownRule(config, this.#rules, name);
    await this.#reconcile(isKnown ? () => 'keepBoth' : first, 'first');
    await Promise.race([this.#carrier.idle(), this.#carrier.failed]);
    this.#options.onRemember();
    this.#options.onInitialSync();
    if (config.noWatch) return;
    const looking = keepWatching({
      side: this.#side,
      view: this.#view,
      // a folder alone is looked at faster than all below it is watched
      polling: config.polling || config.only !== undefined,
      onDirty: (what) => this.#onEvent(what === 'news' ? 'theirs' : 'own'),
      idleMs: () => performance.now() - this.#eventAt,
      log: this.#options.log,
      signal,
    });
    looking.catch(() => {});
    await Promise.race([looking, this.#watch(), this.#carrier.failed]);
  }

  /**
   * Watching begins late: thousands of watches take the time that the first synchronisation needs. Nothing waits for it,
   * since it never begins where the folder has become something else.
   */
  #watch(): Promise<never> {
    const watching = async (): Promise<void> => {
      await this.#eyes.watch().catch((error: unknown) => this.#options.log.warn(unwatched(error)));
      await this.#eyes.lookAll();
      this.#onEvent();
    };
    let known = this.#view.news.local;
    const onLook = () => {
      const { dirty, news } = this.#view;
      if (dirty.size > 0) this.#onEvent(news.local > known ? 'theirs' : 'own');
      known = news.local;
    };
    const looking = keepLooking(this.#eyes, onLook, this.#options.signal);
    return Promise.race([this.#follow(), looking, watching().then(() => looking)]);
  }

  async #follow(): Promise<never> {
    const { signal } = this.#options;
    for (;;) {
      await this.#bell.wait(60_000, signal);
      if (this.#eyes.waiting > 0) await this.#settle();
      await this.#eyes.look();
      for (const name of this.#stuck.freeWaiting()) this.#view.dirty.add(name);
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

  /** Decides what has changed, and carries it out. */
  async #reconcile(unknown: (name: string) => UnknownRule, phase: 'first' | 'running'): Promise<void> {
    const { config, memory } = this.#options;
    const view = this.#view;
    this.#stuck.freeBelow(view.dirty);
    const names = [...view.dirty].filter((name) => !this.#carrier.isOnItsWay(name));
    for (const name of names) view.dirty.delete(name);
    const seen = view.sighting(names);
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
    const blocked = new Set(whole.blocked);
    for (const name of names) if (isWithin(folderOf(name), blocked)) this.#stuck.add(name);
    const plan = restrictPlan(
      whole,
      { config, rules: this.#rules },
      {
        isStuck: (name) => this.#stuck.isStuck(name),
        typeOf: (name) => (view.local.get(name) ?? view.container.get(name))?.type ?? 'file',
      },
    );
    if (phase === 'running' && this.#waitsForQuiet(plan)) {
      for (const name of names) view.dirty.add(name);
      this.#later(deleteSettleMs, () => this.#onEvent('own'));
      return;
    }
    const isFirst = phase === 'first' && memory.agreed.size === 0;
    const released = await releasePlan(plan, this.#context, { isFirst, confirm: this.#options.confirm });
    if (this.#options.signal.aborted) return;
    await this.#carrier.carryOut(released, seen);
    // what is on its way rings when it has arrived
    if ([...view.dirty].some((name) => !this.#carrier.isOnItsWay(name))) this.#onEvent('own');
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

  #onEvent(whose: 'own' | 'theirs' = 'theirs'): void {
    if (whose === 'theirs') this.#eventAt = performance.now();
    this.#bell.ring();
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
    if (this.#stuck.add(name)) this.#options.log.warn(`${name} ${reason}`);
  }
}

function* everyPath(view: SyncView, memory: SyncMemory): Generator<string> {
  yield* view.local.entries.keys();
  yield* view.container.entries.keys();
  yield* memory.agreed.keys();
}

const unwatched = (error: unknown): string =>
  `${error instanceof Error ? error.message : String(error)} Changes are found by looking for them, every few seconds.`;
