import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { SyncConfig } from '../../src/config/types.ts';
import type { Handle } from '../../src/core/lifetime.ts';
import type { ContainerRef } from '../../src/kube/objects.ts';
import { startSync } from '../../src/sync/start-sync.ts';
import { type LocalContainer, type LocalContainerOptions, localContainer } from './local-container.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';
import { tempFolder } from './temp-folder.ts';

export interface SyncBench {
  /** The folder of the developer. */
  readonly local: string;
  /** The folder in the container. */
  readonly remote: string;
  readonly container: LocalContainer;
  readonly log: RecordingLog;
  readonly handle: Handle;
}

/** Lets the clock of timers run fast, so that polls of a second do not make the tests wait. */
function hurry(): void {
  const real = globalThis.setTimeout;
  const fast = ((work: () => void, ms = 0) => real(work, ms / 20)) as typeof setTimeout;
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(fast);
  onTestFinished(() => spy.mockRestore());
}

/** Two real folders and a running synchronisation between them, which ends with the test. */
export async function startBench(
  prepare: (folders: { readonly local: string; readonly remote: string }) => void = () => {},
  { config, container: containerOptions }: { config?: Partial<SyncConfig>; container?: LocalContainerOptions } = {},
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
  const syncConfig: SyncConfig = {
    target: { labelSelector: { app: 'app' } },
    localPath: local,
    containerPath: remote,
    excludePaths: [],
    uploadExcludePaths: [],
    downloadExcludePaths: [],
    waitInitialSync: true,
    ...config,
  };
  const { signal } = new AbortController();
  const handle = startSync([{ target, config: syncConfig }], { kube: container.kube, log, signal });
  onTestFinished(async () => {
    await handle.close();
    await vi.waitFor(() => {
      if (container.running.size > 0) throw new Error('a process is left in the container');
    });
  });
  return { local, remote, container, log, handle };
}

/** Waits until the assertion holds; long enough for some polls of the container. */
export const eventually = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { timeout: 10_000, interval: 20 });
