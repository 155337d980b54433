import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { Transform } from 'node:stream';
import { UserError } from '../../src/core/errors.ts';
import type { ExecOptions, ExecSession, KubeClient } from '../../src/kube/client.ts';
import { unusable } from './unusable.ts';

export interface LocalContainerOptions {
  /** Runs the scripts instead of the machine's `sh`: `['busybox', 'sh']`. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory of the processes. */
  readonly cwd?: string;
  /** What comes out of a process goes through this, and arrives in these pieces. */
  readonly garble?: (chunk: Buffer) => Buffer | readonly Buffer[];
}

export interface LocalContainer {
  readonly kube: KubeClient;
  /** The commands that were started, the script of a shell left out. */
  readonly commands: readonly (readonly string[])[];
  /** Processes that still run. */
  readonly running: ReadonlySet<ChildProcess>;
  /** Cuts every stream, as a lost node does it: nobody gets an exit code. */
  cut(): void;
  /** Nothing can be started in it, as long as this holds. */
  isAway: boolean;
  /** Sends a signal to everything that runs in it. */
  signal(name: NodeJS.Signals): void;
}

/**
 * Shells with which the scripts are tried: the machine's, and BusyBox where the machine has it. Without `--norc` bash takes
 * the socket that is its stdin for a login from afar, and runs what people have in `.bashrc`.
 */
export const shells: readonly (readonly string[])[] = [['sh'], ['busybox', 'sh'], ['bash', '--norc']].filter(
  ([program = '', ...words]) =>
    spawnSync(program, program === 'busybox' ? ['true'] : [...words, '-c', ':']).status === 0,
);

/**
 * A container that is this machine: `exec` runs the command as a local process, with real pipes. BusyBox as shell
 * uses its own `find`, `stat` and `tar`.
 */
export function localContainer(options: LocalContainerOptions = {}): LocalContainer {
  const running = new Set<ChildProcess>();
  const commands: string[][] = [];
  const cuts = new Set<() => void>();
  const kube = unusable<KubeClient>('KubeClient', {
    context: 'local',
    namespace: 'dev',
    exec: async (_container, execOptions) => {
      if (container.isAway) throw new UserError('KUBE_STREAM', 'the container cannot be reached');
      commands.push(execOptions.command.filter((_word, index) => index !== 2));
      return startProcess(execOptions, options, { running, cuts });
    },
  });
  const container: LocalContainer = {
    kube,
    commands,
    running,
    isAway: false,
    cut() {
      for (const cut of [...cuts]) cut();
    },
    signal(name) {
      for (const { pid } of running) {
        try {
          if (pid !== undefined) process.kill(-pid, name);
        } catch {
          // it ended in this very moment
        }
      }
    },
  };
  return container;
}

const garbled = (garble: NonNullable<LocalContainerOptions['garble']>): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const pieces = garble(chunk);
      for (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces) this.push(piece);
      done();
    },
  });

function startProcess(
  { command, stdin, signal }: ExecOptions,
  { shell = ['sh'], env, cwd, garble }: LocalContainerOptions,
  { running, cuts }: { readonly running: Set<ChildProcess>; readonly cuts: Set<() => void> },
): ExecSession {
  const words = command[0] === 'sh' ? [...shell, ...command.slice(1)] : command;
  const [program = '', ...args] = words;
  if (cwd !== undefined && !existsSync(cwd)) throw new UserError('KUBE_STREAM', `there is no folder ${cwd}`);
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd,
    // a group of its own, so that a signal reaches what the shell has started too
    detached: true,
  });
  running.add(child);
  let broken: Error | undefined;
  let fail: (error: Error) => void = () => {};
  const exit = new Promise<number>((resolve, reject) => {
    fail = reject;
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      running.delete(child);
      signal.removeEventListener('abort', close);
      cuts.delete(close);
      if (broken) reject(broken);
      else resolve(code ?? 128 + constants.signals[killedBy ?? 'SIGKILL']);
    });
  });
  exit.catch(() => {});
  child.stdin.on('error', () => {});
  if (stdin === 'none') child.stdin.end();
  const close = () => {
    if (!running.has(child)) return;
    broken ??= new UserError('KUBE_STREAM', 'the connection was closed');
    // whoever closed no longer hears of the process, which may go on
    fail(broken);
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream.on('error', () => {});
      stream.destroy(stream === child.stdin ? undefined : broken);
    }
  };
  cuts.add(close);
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
  return {
    stdin: stdin === 'open' ? child.stdin : undefined,
    stdout: garble ? child.stdout.pipe(garbled(garble)) : child.stdout,
    stderr: child.stderr,
    resize: () => {},
    exit,
    close,
  };
}
