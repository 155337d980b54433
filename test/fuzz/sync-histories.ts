import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSync } from '../../src/sync/start-sync.ts';
import { type LocalContainer, localContainer } from '../helpers/local-container.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { syncConfigOf } from '../helpers/sync-config.ts';
import { createRandom, type Random } from './mutate.ts';
import { readTree, type Side, SyncUsers, versionsIn } from './sync-users.ts';

export interface HistoryOptions {
  readonly seed: number;
  readonly histories: number;
  /** Runs the scripts of the container. */
  readonly shell: readonly string[];
  readonly onProgress?: (done: number) => void;
}

export interface HistoryReport {
  readonly histories: number;
  readonly operations: number;
  readonly conflicts: number;
  /** What went wrong, with all that happened before. */
  readonly failures: readonly string[];
}

/** Both sides are equal and nothing is on its way any more for so long; nobody waits longer than the second figure. */
const [restMs, mostMs] = [60, 15_000];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Lets people work on both sides at once, cuts streams, kills agents and starts anew, and looks after each history
 * whether both sides are equal and no version is lost. One pair of folders carries all histories, so that a version
 * which gets lost late is missed too.
 */
export async function runSyncHistories({ seed, histories, shell, onProgress }: HistoryOptions): Promise<HistoryReport> {
  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-histories-'));
  const roots = { local: path.join(folder, 'local/root'), remote: path.join(folder, 'remote/root') };
  for (const root of Object.values(roots)) mkdirSync(root, { recursive: true });
  // a side that is suddenly empty halts everything, which is another test
  writeFileSync(path.join(roots.local, 'stays'), 'v0\n');
  const container = localContainer({ shell });
  const log = recordingLog();
  const stateFolder = path.join(folder, 'state');
  const open = () =>
    startSync(
      [
        {
          target: {
            current: async () => ({ namespace: 'dev', pod: 'app-1', container: 'app' }),
            lost: () => {},
          },
          config: { ...syncConfigOf(roots.local, roots.remote), waitInitialSync: true },
        },
      ],
      {
        kube: container.kube,
        log,
        signal: new AbortController().signal,
        env: process.env,
        stateFolder,
        logFile: path.join(folder, 'sync.log'),
        detail: 'short',
        confirm: async () => 'yes',
      },
    );
  const random = createRandom(seed);
  const users = new SyncUsers(roots, random);
  const failures: string[] = [];
  let handle = open();
  let operations = 0;
  let done = 0;
  const conflictVersions = () => {
    const conflicts = path.join(stateFolder, 'conflicts');
    return existsSync(conflicts) ? versionsIn(conflicts) : new Set<string>();
  };
  try {
    await handle.ready;
    for (; done < histories && failures.length === 0; done += 1) {
      users.trace.push('', `history ${done}`);
      users.trace.splice(0, users.trace.length - 40);
      const logged = log.lines.length;
      for (let count = 1 + random.below(7); count > 0; count -= 1) {
        operations += 1;
        actOn(random.pick<Side>(['local', 'remote']), users, container);
        if (random.below(2) === 0) await pause(random.below(random.pick([3, 30, 300])));
      }
      if (random.below(12) === 0) disturb(random, users, container);
      if (random.below(40) === 0) {
        users.trace.push('started anew');
        await handle.close();
        for (let count = random.below(4); count > 0; count -= 1)
          actOn(random.pick<Side>(['local', 'remote']), users, container);
        handle = open();
      }
      const problem = await untilRest({ roots, users, container }, handle.done);
      const found = new Set([...versionsIn(roots.local), ...versionsIn(roots.remote), ...conflictVersions()]);
      const lost = [...users.live].filter(([id]) => !found.has(id));
      for (const [id, what] of lost) failures.push(`${id} is lost: ${what}`);
      if (problem !== undefined) failures.push(problem);
      if (failures.length > 0)
        failures.push(processes(container), ...users.trace, ...log.lines.slice(Math.max(0, logged - 12)));
      onProgress?.(done);
    }
    return { histories: done, operations, conflicts: conflictVersions().size, failures };
  } finally {
    await handle.close();
    container.signal('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * In the container nothing else happens in the very moment in which somebody writes, so that it is certain which version
 * the person saw. Here all is one process anyway.
 */
function actOn(side: Side, users: SyncUsers, container: LocalContainer): void {
  if (side === 'local') return users.act(side);
  container.signal('SIGSTOP');
  users.act(side, !isMoving(container));
  container.signal('SIGCONT');
}

/** What runs in the container, for the report. */
function processes({ running }: LocalContainer): string {
  const groups = [...running].map(({ pid }) => pid).join();
  return spawnSync('ps', ['-o', 'pid,stat,wchan:20,args', '-g', groups], { encoding: 'utf8' }).stdout.replace(
    / (\S{100})\S+/g,
    ' $1',
  );
}

/**
 * Whether a `mv` has been started, or is about to be: what is renamed into its place in this millisecond is lost, which
 * no shell can help.
 */
function isMoving({ running }: LocalContainer): boolean {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  const moves = (pid: string, parent: string): boolean => {
    const words = read(`/proc/${pid}/cmdline`);
    // a process that was forked and is no other program yet has the words of its parent
    if (/(^|\0|\/)mv\0/.test(words) || words === parent) return true;
    const children = read(`/proc/${pid}/task/${pid}/children`).split(' ');
    return children.some((child) => child !== '' && moves(child, words));
  };
  return [...running].some(({ pid }) => moves(String(pid), 'nobody'));
}

function disturb(random: Random, users: SyncUsers, container: LocalContainer): void {
  if (random.below(2) === 0) {
    users.trace.push('the streams are cut');
    container.cut();
  } else {
    users.trace.push('the agents are killed');
    container.signal('SIGKILL');
  }
}

/** Waits until both sides are equal and stay so. Returns what is wrong if that does not happen. */
async function untilRest(
  {
    roots,
    users,
    container,
  }: { readonly roots: SyncUsers['roots']; readonly users: SyncUsers; readonly container: LocalContainer },
  ended: Promise<void>,
): Promise<string | undefined> {
  const difference = () => {
    try {
      const [local, remote] = [readTree(roots.local), readTree(roots.remote)];
      const all = new Set([...local.keys(), ...remote.keys()]);
      return [...all].filter((name) => local.get(name) !== remote.get(name));
    } catch (error) {
      // something vanished while it was read
      return [String(error)];
    }
  };
  let end: string | undefined;
  ended.then(
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
    if (now - begin > 1_000 && !isUntangled) {
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
    // a process that came to be in the very moment of the stop was told of the stop alone
    container.signal('SIGCONT');
  }
}
