import { sleep } from '../core/abort.ts';
import { createBell } from '../core/bell.ts';
import type { Log } from '../core/log.ts';
import type { ContainerNews, ContainerSide } from './container-side.ts';
import type { SyncView } from './sync-view.ts';

export interface ContainerEyesOptions {
  readonly side: ContainerSide;
  readonly view: SyncView;
  /** Never let the container tell changes by itself. */
  readonly polling: boolean;
  /** The container was looked at, and there is something to decide: `news` of this look, or `left` from before. */
  onDirty(what: 'news' | 'left'): void;
  /** How long ago something happened, on either side. */
  idleMs(): number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Looking may take this share of the container's time: while people work, and when nothing has happened for a while. */
const [activeShare, idleShare] = [10, 80];
const idleAfterMs = 60_000;
const [activePauseMs, idlePauseMs] = [150, 800];
/** A change is found after such a pause at the latest. */
const [longestActiveMs, longestIdleMs] = [2_000, 15_000];
/** Where the container tells changes by itself, looking only makes up for lost events. */
const notifiedPauseMs = 10_000;
/**
 * Everything is compared as often, while people work and later, and takes no more than one part in so many of the time:
 * what keeps its times is seen by nothing else.
 */
const wholeActive = { everyMs: 10_000, share: 50 };
const wholeIdle = { everyMs: 60_000, share: 200 };
/** Events come in groups. */
const settleMs = 15;
const foldersPerRequest = 200;

/** Looks at the container until the signal aborts or the link is lost; then it rejects. */
export async function keepWatching(options: ContainerEyesOptions): Promise<never> {
  const { side, view, signal } = options;
  const told = new Set<string>();
  const bell = createBell();
  let isNotified = side.notify === 'inotifywait' && !options.polling;
  if (isNotified) {
    const onChange = (folder: string) => {
      told.add(folder);
      bell.ring();
    };
    side.watch(onChange).then(
      () => {
        isNotified = false;
        options.log.debug('The container tells no changes by itself any more; it is looked at instead.');
      },
      () => {
        isNotified = false;
      },
    );
  }
  const roundTrip = await timed(() => side.listFolders([]));
  let [costMs, wholeCostMs] = [0, 0];
  let wholeAt = performance.now();
  for (;;) {
    const before = view.news.container;
    const pause = isNotified ? notifiedPauseMs : pauseFor(costMs, options.idleMs());
    if (told.size === 0) await bell.wait(pause, signal);
    if (told.size > 0) {
      await sleep(settleMs, signal);
      const folders = [...told];
      told.clear();
      await noteFolders(folders, options);
    } else if (performance.now() > wholeAt + pauseOfWhole(wholeCostMs, options.idleMs())) {
      wholeCostMs = await timed(() => compareWhole(options));
      wholeAt = performance.now();
    } else {
      const doubtful = view.takeDoubtful();
      const asked = view.now;
      let news: ContainerNews = { entries: [], folders: [] };
      costMs = Math.max(0, (await timed(async () => (news = await side.changed()))) - roundTrip);
      await noteFolders([...view.noteNews(news, asked), ...doubtful], options);
    }
    if (view.dirty.size > 0) options.onDirty(view.news.container > before ? 'news' : 'left');
  }
}

function pauseOfWhole(costMs: number, idleMs: number): number {
  const { everyMs, share } = idleMs > idleAfterMs ? wholeIdle : wholeActive;
  return Math.max(everyMs, costMs * share);
}

function pauseFor(costMs: number, idleMs: number): number {
  const isIdle = idleMs > idleAfterMs;
  const wanted = costMs * (isIdle ? idleShare : activeShare);
  return Math.min(isIdle ? longestIdleMs : longestActiveMs, Math.max(isIdle ? idlePauseMs : activePauseMs, wanted));
}

/** Lists these folders, and those in them that were not known. */
export async function noteFolders(
  folders: readonly string[],
  { side, view }: Pick<ContainerEyesOptions, 'side' | 'view'>,
): Promise<void> {
  let wanted = [...folders];
  while (wanted.length > 0) {
    const asked = view.now;
    const news = await side.listFolders(wanted.splice(0, foldersPerRequest));
    wanted = [...wanted, ...view.noteNews(news, asked)];
  }
}

/** Looks at everything; tells nothing where all is as it is known. */
async function compareWhole({ side, view }: ContainerEyesOptions): Promise<void> {
  const asked = view.now;
  const listing = await side.list(view.digest());
  if (listing) view.noteListing(listing, asked);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
