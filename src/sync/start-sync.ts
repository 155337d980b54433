import { createHash } from 'node:crypto';
import path from 'node:path';
import type { SyncConfig } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { defer } from '../core/deferred.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import { takeLock } from '../core/lock-file.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import { createSaver, loadMemory } from './memory.ts';
import { createProgramStart, type ProgramStart } from './program-start.ts';
import type { ConfirmDeletes } from './release-plan.ts';
import { followReplicas } from './replicas.ts';
import { runSyncSession } from './session.ts';
import { placesOf, toFolderEntry } from './single-file.ts';
import { createSyncLog, type SyncLogOptions } from './sync-log.ts';
import type { SyncTask } from './sync-task.ts';
import { runUploadHooks, startProgram } from './upload-hooks.ts';

export interface SyncRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Of commands that run on this machine after an upload. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for what is known from earlier runs and for versions that lost a conflict; absolute. */
  readonly stateFolder: string;
  /** What happened, in full. */
  readonly logFile: string;
  readonly detail: SyncLogOptions['detail'];
  readonly confirm: ConfirmDeletes;
}

/** What a new try cannot heal. */
const fatalCodes = ['SYNC_PATH', 'SYNC_HALTED', 'SYNC_TOOLS', 'SYNC_HOOK', 'KUBE_FORBIDDEN', 'KUBE_UNAUTHORIZED'];
const saveAfterMs = 250;
const mostNonsense = 5;

/**
 * Synchronises each folder until closed. A lost link is opened again with growing pauses, to the pod that is the
 * target then; to the same container it goes on with what is known. `ready`: the entries that want it have finished their
 * first synchronisation. `done` rejects if one entry cannot go on; it resolves when no entry has anything left to do.
 */
export function startSync(tasks: readonly SyncTask[], run: SyncRun): Handle {
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  const entries = tasks.map(({ target, config }) => ({ target, config: toFolderEntry(config) }));
  const programs = createProgramStart(entries);
  const start = (task: SyncTask, until = signal) => superviseSync(task, { ...run, signal: until, programs });
  const started = entries.map((task) => ({ task, ...start(task) }));
  // the others follow once the first one is in step
  const replicas = started
    .filter(({ task }) => task.config.allReplicas)
    .map(({ task, ready: inStep }) =>
      inStep.then(() =>
        followReplicas(task, {
          log: run.log.child('sync'),
          signal,
          start: (replica, until) => start(replica, until).ended,
          memoryOf: (config) => stateOf(config, run.stateFolder).file,
        }),
      ),
    );
  const all = [...started.map(({ ended }) => ended), ...replicas];
  const finished = Promise.allSettled(all);
  const done = Promise.all(all).then(() => {});
  done.catch(() => {});
  const ready = Promise.race([Promise.all(started.map((entry) => entry.ready)).then(() => {}), done]);
  ready.catch(() => {});
  return {
    ready,
    done,
    async close() {
      controller.abort();
      await finished;
    },
  };
}

/** The file with what is known of an entry, and the folder for versions that lost a conflict. */
export function stateOf({ localPath, containerPath, target, only }: SyncConfig, stateFolder: string) {
  // two entries may mean the same folders of two containers, or two files of the same folders
  const words = JSON.stringify([localPath, containerPath, target, ...(only === undefined ? [] : [only])]);
  const key = createHash('sha256').update(words).digest('hex').slice(0, 12);
  return { file: path.join(stateFolder, `${key}.json`), conflictFolder: path.join(stateFolder, 'conflicts') };
}

interface EntryRun extends SyncRun {
  readonly programs: ProgramStart;
}

interface Started {
  readonly ready: Promise<void>;
  /** Rejects if the entry cannot go on. */
  readonly ended: Promise<void>;
}

function superviseSync(task: SyncTask, run: EntryRun): Started {
  const { target, config } = task;
  const { signal, programs } = run;
  const { here, there } = placesOf(config);
  const detail = config.printsLog ? 'every path' : run.detail;
  const log = createSyncLog(run.log.child('sync'), { file: run.logFile, detail });
  const ready = defer<void>();
  const backoff = createBackoff(500, 15_000);
  /** Times in a row in which the container answered what cannot be understood. */
  let nonsense = 0;
  const { file, conflictFolder } = stateOf(config, run.stateFolder);
  const memory = loadMemory(file);
  const saveChanges = createSaver(file, memory);
  let saving: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(saving);
    saving = undefined;
    try {
      saveChanges();
    } catch (error) {
      log.debug(`What is known of ${here} cannot be saved: ${errorText(error)}`);
    }
  };
  const onRemember = () => {
    saving ??= setTimeout(save, saveAfterMs);
  };
  const attempt = async () => {
    const container = await target.current(signal);
    programs.connecting(task);
    if (!config.waitInitialSync) ready.resolve();
    const onInitialSync = () => {
      backoff.reset();
      nonsense = 0;
      ready.resolve();
      log.done(`${here} is in step with the container`);
      if (!programs.inStep(task, container)) return;
      startProgram({ ...run, log, container }).catch((error: unknown) => {
        if (!signal.aborted) log.warn(errorText(error));
      });
    };
    const onUpload = (names: readonly string[]) => runUploadHooks(names, { ...run, log, container, config });
    try {
      await runSyncSession({
        ...run,
        log,
        memory,
        conflictFolder,
        container,
        config,
        onInitialSync,
        onRemember,
        onUpload,
      });
    } catch (error) {
      target.lost(container);
      throw error;
    }
  };
  const supervise = async () => {
    await using _lock = takeLock(`${file}.lock`, (holder) => ({
      message: `${here} is already synchronised with ${there}${holder}.`,
      hint: 'Stop the other `devspace` first.',
    }));
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof UserError) || fatalCodes.includes(error.code)) throw error;
        nonsense = error.code === 'SYNC_ANSWER' ? nonsense + 1 : 0;
        if (nonsense >= mostNonsense) throw error;
        log.warn(`${errorText(error)} Trying again.`);
        await sleep(backoff.next(), signal).catch(() => {});
        if (signal.aborted) return;
      } finally {
        if (saving) save();
      }
    }
  };
  const ended = supervise();
  ended.then(
    () => ready.resolve(),
    (error: unknown) => ready.reject(error),
  );
  ready.promise.catch(() => {});
  return { ready: ready.promise, ended };
}
