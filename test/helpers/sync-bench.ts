import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { SyncConfig } from '../../src/config/types.ts';
import type { Handle } from '../../src/core/lifetime.ts';
import type { ContainerRef } from '../../src/kube/objects.ts';
import { isOurOwn } from '../../src/sync/excludes.ts';
import type { ConfirmDeletes } from '../../src/sync/release-plan.ts';
import { startSync } from '../../src/sync/start-sync.ts';
import { type LocalContainer, type LocalContainerOptions, localContainer } from './local-container.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';
import { syncConfigOf } from './sync-config.ts';
import { syncRunOf } from './sync-run.ts';
import { tempFolder } from './temp-folder.ts';

export interface SyncBench {
  /** The folder of the developer. */
  readonly local: string;
  /** The folder in the container. */
  readonly remote: string;
  readonly container: LocalContainer;
  readonly log: RecordingLog;
  readonly handle: Handle;
  readonly stateFolder: string;
  /** What was asked. */
  readonly questions: readonly string[];
  /** Ends the run and starts another one with what it remembered. */
  again(): Promise<void>;
  /** Starts another run for the same folders, beside the one that goes on. */
  another(): Handle;
}

/** Relative paths with content, folders with a slash at their end; our own things left out. */
export function treeOf(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const name = path.relative(root, path.join(entry.parentPath, entry.name));
    if (isOurOwn(name)) return [];
    if (entry.isDirectory()) return [[`${name}/`, '']];
    if (!entry.isFile()) return [[name, entry.isSymbolicLink() ? 'link' : 'neither file nor folder']];
    return [[name, readFileSync(path.join(root, name), 'utf8')]];
  });
  return Object.fromEntries(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))) as Record<string, string>;
}

/** Waits until both sides are this. */
export const bothAre = (bench: SyncBench, tree: Record<string, string>): Promise<void> =>
  eventually(() => {
    expect(treeOf(bench.remote)).toEqual(tree);
    expect(treeOf(bench.local)).toEqual(tree);
  });

export const warnings = ({ log }: SyncBench): string[] => log.lines.filter((line) => line.startsWith('warn'));

export interface BenchChoice {
  readonly config?: Partial<SyncConfig>;
  /** Synchronises only this file of the two folders. */
  readonly only?: string;
  readonly container?: LocalContainerOptions;
  readonly answer?: Awaited<ReturnType<ConfirmDeletes>>;
}

const realTimeout = globalThis.setTimeout;

/** Lets the clock of timers run fast, so that polls of a second do not make the tests wait. */
function hurry(): void {
  const fast = ((work: () => void, ms = 0) => realTimeout(work, ms / 20)) as typeof setTimeout;
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(fast);
  onTestFinished(() => spy.mockRestore());
}

/** Two real folders and a running synchronisation between them, which ends with the test. */
export async function startBench(
  prepare: (folders: { readonly local: string; readonly remote: string }) => void = () => {},
  { config, only = '', container: containerOptions, answer = 'nobody' }: BenchChoice = {},
): Promise<SyncBench> {
  hurry();
  const folder = tempFolder();
  const [local, remote] = [path.join(folder, 'local'), path.join(folder, 'remote')];
  const { mkdirSync } = await import('node:fs');
  for (const side of [local, remote]) mkdirSync(side);
  prepare({ local, remote });
  const container = localContainer(containerOptions);
  const ref: ContainerRef = { namespace: 'dev', pod: 'app-1', container: 'app' };
  const log = recordingLog();
  const target = { current: async () => ref, lost: () => {} };
  const { signal } = new AbortController();
  const stateFolder = path.join(folder, 'state');
  const start = () =>
    startSync(
      [{ target, config: syncConfigOf(path.join(local, only), path.join(remote, only), config) }],
      syncRunOf({
        kube: container.kube,
        log,
        signal,
        stateFolder,
        logFile: path.join(folder, 'sync.log'),
        confirm: async (question) => {
          questions.push(question);
          return answer;
        },
      }),
    );
  const questions: string[] = [];
  let handle = start();
  onTestFinished(async () => {
    await handle.close();
    await vi.waitFor(() => {
      if (container.running.size > 0) throw new Error('a process is left in the container');
    });
  });
  return {
    local,
    remote,
    container,
    log,
    get handle() {
      return handle;
    },
    stateFolder,
    questions,
    another: start,
    async again() {
      await handle.close();
      handle = start();
      await handle.ready;
    },
  };
}

/** Waits until the assertion holds; long enough for some polls of the container. */
export const eventually = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { timeout: 10_000, interval: 20 });
