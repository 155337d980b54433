import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordingLog } from '../helpers/recording-log.ts';
import { createRandom } from './mutate.ts';
import { childrenOf, commandOf, type SyncFolders, type SyncRun, startApart, startHere } from './sync-runs.ts';
import { readTree, type Side, SyncUsers, versionsIn } from './sync-users.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly histories: number;
  /** Runs the scripts of the container. */
  readonly shell: readonly string[];
  /** Our own process is killed in each history, instead of what is in the container now and then. */
  readonly killed?: boolean;
  readonly onProgress?: (done: number) => void;
}

export interface HistoryReport {
  readonly histories: number;
  readonly operations: number;
  readonly disturbances: number;
  readonly conflicts: number;
  /** What went wrong, with all that happened before. */
  readonly failures: readonly string[];
}

/** Both sides are equal and nothing is on its way any more for so long; nobody waits longer than the second figure. */
const [restMs, mostMs] = [60, 20_000];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Lets people work on both sides at once, cuts streams, kills agents or our process and starts anew, and looks after
 * each history whether both sides are equal and no version is lost. One pair of folders carries all histories, so that a
 * version which gets lost late is missed too.
 */
export async function runSyncHistories(options: HistoryOptions): Promise<HistoryReport> {
  const { seed, histories, shell, killed = false, onProgress } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-histories-'));
  const folders: SyncFolders = {
    local: path.join(folder, 'local/root'),
    remote: path.join(folder, 'remote/root'),
    state: path.join(folder, 'state'),
    shell,
  };
  for (const root of [folders.local, folders.remote, folders.state]) mkdirSync(root, { recursive: true });
  // a side that is suddenly empty halts everything, which is another test
  writeFileSync(path.join(folders.local, 'stays'), 'v0\n');
  const log = recordingLog();
  const apart: string[] = [];
  const open = () => (killed ? startApart(folders, (line) => apart.push(line)) : startHere(folders, log));
  const random = createRandom(seed);
  const users = new SyncUsers(folders, random);
  const failures: string[] = [];
  let run = open();
  let [operations, disturbances, done] = [0, 0, 0];
  const act = () => {
    operations += 1;
    const side = random.pick<Side>(['local', 'remote']);
    run.still(() => users.act(side, side === 'local' || !isMoving(run)));
  };
  const disturb = () => {
    disturbances += 1;
    users.trace.push(run.disturb(random.below(2)));
  };
  const conflictVersions = () => {
    const conflicts = path.join(folders.state, 'conflicts');
    return existsSync(conflicts) ? versionsIn(conflicts) : new Set<string>();
  };
  try {
    await run.ready;
    // what is agreed on is saved after a second; before, the strategy of the first synchronisation may keep both
    if (killed) await pause(1_500);
    for (; done < histories && failures.length === 0; done += 1) {
      users.trace.push('', `history ${done}`);
      users.trace.splice(0, users.trace.length - 40);
      for (let count = 1 + random.below(7); count > 0; count -= 1) {
        act();
        if (random.below(2) === 0) await pause(random.below(random.pick([3, 30, 300])));
      }
      if (killed || random.below(12) === 0) disturb();
      if (!killed && random.below(40) === 0) {
        users.trace.push('started anew');
        await run.close();
        for (let count = random.below(4); count > 0; count -= 1) act();
        run = open();
      }
      const problem = await untilRest({ folders, users, run });
      const found = new Set([...versionsIn(folders.local), ...versionsIn(folders.remote), ...conflictVersions()]);
      const lost = [...users.live].filter(([id]) => !found.has(id));
      for (const [id, what] of lost) failures.push(`${id} is lost: ${what}`);
      if (problem !== undefined) failures.push(problem);
      if (failures.length > 0)
        failures.push(processes(run), ...users.trace, ...log.lines.slice(-25), ...apart.slice(-25));
      onProgress?.(done);
    }
    return { histories: done, operations, disturbances, conflicts: conflictVersions().size, failures };
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What runs in the container, for the report. */
function processes(run: SyncRun): string {
  const list = spawnSync('ps', ['-o', 'pid,stat,wchan:20,args', '-g', run.groups().join()], { encoding: 'utf8' });
  return list.stdout.replace(/ (\S{100})\S+/g, ' $1');
}

/**
 * Whether a `mv` has been started, or is about to be: what is renamed into its place in this millisecond is lost, which
 * no shell can help.
 */
function isMoving(run: SyncRun): boolean {
  const moves = (pid: number, parent: string): boolean => {
    const words = commandOf(pid);
    // a process that was forked and is no other program yet has the words of its parent
    if (/(^|\0|\/)mv\0/.test(words) || words === parent) return true;
    return childrenOf(pid).some((child) => moves(child, words));
  };
  return run.groups().some((pid) => moves(pid, 'nobody'));
}

interface Watched {
  readonly folders: SyncFolders;
  readonly users: SyncUsers;
  readonly run: SyncRun;
}

/** Waits until both sides are equal and stay so. Returns what is wrong if that does not happen. */
async function untilRest({ folders, users, run }: Watched): Promise<string | undefined> {
  const difference = () => {
    try {
      const [local, remote] = [readTree(folders.local), readTree(folders.remote)];
      const all = new Set([...local.keys(), ...remote.keys()]);
      return [...all].filter((name) => local.get(name) !== remote.get(name));
    } catch (error) {
      // something vanished while it was read
      return [String(error)];
    }
  };
  let end: string | undefined;
  run.ended.then(
    () => (end = 'the synchronisation ended'),
    (error: unknown) => (end = `the synchronisation ended: ${String(error)}`),
  );
  const begin = Date.now();
  let equalSince = Number.POSITIVE_INFINITY;
  let isUntangled = false;
  for (;;) {
    if (end !== undefined) return end;
    const names = difference();
    const now = Date.now();
    if (names.length > 0) equalSince = Number.POSITIVE_INFINITY;
    else if (now - (equalSince = Math.min(equalSince, now)) >= restMs) return undefined;
    if (now - begin > mostMs) return `not equal: ${JSON.stringify(names)}`;
    if (now - begin > 2_500 && !isUntangled) {
      // a folder on one side and a file on the other are left alone, until a person decides
      isUntangled = true;
      for (const name of names) {
        const isFolder = name.endsWith('/');
        const file = isFolder ? name.slice(0, -1) : name;
        if (isFolder ? names.includes(file) : names.includes(`${file}/`)) {
          users.trace.push(`local ${JSON.stringify(file)} untangled, ${users.remove('local', file)}`);
        }
      }
    }
    await pause(15);
    run.wake();
  }
}
