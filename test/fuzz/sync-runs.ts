import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../src/core/log.ts';
import { startSync } from '../../src/sync/start-sync.ts';
import { localContainer } from '../helpers/local-container.ts';
import { syncConfigOf } from '../helpers/sync-config.ts';

export interface SyncFolders {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  /** Runs the scripts of the container. */
  readonly shell: readonly string[];
}

/** A synchronisation that goes on until it is ended in one way or another. */
export interface SyncRun {
  /** Both sides are equal for the first time. */
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  /** Process groups in the container. */
  groups(): readonly number[];
  /** All that works on the folders stands still while somebody else does something. */
  still(act: () => void): void;
  /** A process that came to be in the very moment of a stop was told of the stop alone. */
  wake(): void;
  /** Cuts the streams, kills what is in the container or what is here. Returns what it did. */
  disturb(kind: number): string;
  close(): Promise<void>;
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

export const childrenOf = (pid: number): number[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((child) => child !== '')
    .map(Number);

export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended in this very moment
  }
}

export function startHere({ local, remote, state, shell }: SyncFolders, log: Log): SyncRun {
  const container = localContainer({ shell });
  const handle = startSync(
    [
      {
        target: { current: async () => ({ namespace: 'dev', pod: 'app-1', container: 'app' }), lost: () => {} },
        config: { ...syncConfigOf(local, remote), waitInitialSync: true },
      },
    ],
    {
      kube: container.kube,
      log,
      signal: new AbortController().signal,
      env: process.env,
      stateFolder: state,
      logFile: path.join(state, 'sync.log'),
      detail: 'short',
      confirm: async () => 'yes',
    },
  );
  return {
    ready: handle.ready,
    ended: handle.done,
    groups: () => [...container.running].flatMap(({ pid }) => pid ?? []),
    still(act) {
      container.signal('SIGSTOP');
      act();
      container.signal('SIGCONT');
    },
    wake: () => container.signal('SIGCONT'),
    disturb(kind) {
      if (kind % 2 === 0) container.cut();
      else container.signal('SIGKILL');
      return kind % 2 === 0 ? 'the streams are cut' : 'the agents are killed';
    },
    async close() {
      await handle.close();
      container.signal('SIGKILL');
    },
  };
}

/** The same in a process of its own, which is killed and starts anew. */
export function startApart({ local, remote, state, shell }: SyncFolders, onLine: (line: string) => void): SyncRun {
  const program = path.join(import.meta.dirname, 'sync-process.mts');
  const start = (): ChildProcess => {
    const args = ['--import', 'tsx', program, local, remote, state, ...shell];
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    started.stdout?.on('data', (chunk: Buffer) => onLine(chunk.toString().trimEnd()));
    return started;
  };
  let child = start();
  let isClosing = false;
  let end: (error: Error) => void = () => {};
  const ended = new Promise<void>((_resolve, reject) => (end = reject));
  const watch = (one: ChildProcess) =>
    one.once('exit', (code, killedBy) => {
      if (!isClosing && killedBy !== 'SIGKILL') end(new Error(`the process ended with ${code}`));
    });
  watch(child);
  const groups = () => childrenOf(child.pid ?? 0);
  return {
    ready: once(child, 'message').then(() => {}),
    ended,
    groups,
    still(act) {
      const all = groups();
      if (child.pid !== undefined) signal(child.pid, 'SIGSTOP');
      for (const pid of all) signal(-pid, 'SIGSTOP');
      act();
      for (const pid of all) signal(-pid, 'SIGCONT');
      if (child.pid !== undefined) signal(child.pid, 'SIGCONT');
    },
    wake() {
      for (const pid of groups()) signal(-pid, 'SIGCONT');
    },
    disturb() {
      child.kill('SIGKILL');
      child = start();
      watch(child);
      return 'the process is killed and starts anew';
    },
    async close() {
      isClosing = true;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
