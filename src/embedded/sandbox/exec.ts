import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { abortReason } from '../../core/abort.ts';
import { errorText } from '../../core/errors.ts';
import { type ChildStatus, readStatus } from './child-status.ts';
import { openPipes, type Pipes } from './pipes.ts';
import { toStreams } from './process-streams.ts';
import type { ExecOptions, ProcessStreams, TerminalSize } from './sandbox.ts';
import { type ProcessScript, toProcessScript } from './scripts.ts';
import { namespaceTools, runTool, toolEnv } from './tool.ts';

/** The namespaces of a running container. */
export interface ContainerSpaces {
  /** Process 1 of the pod and of the container, as this machine sees them. */
  readonly holderPid: number;
  readonly pid: number;
  readonly network: 'own' | 'host';
}

export interface ExecContext extends ContainerSpaces {
  /** A folder of our own for the pipes and the script. */
  readonly folder: string;
  /** What the container itself runs as. */
  readonly process: Omit<ProcessScript, 'argv' | 'tty' | 'enters'>;
}

/** Starts a further process in a running container; contract in `sandbox.ts`. */
export async function execInContainer(context: ExecContext, options: ExecOptions): Promise<ProcessStreams> {
  const { tty, signal } = options;
  signal.throwIfAborted();
  const script = toProcessScript({
    ...context.process,
    argv: options.command,
    env: { ...context.process.env, ...(tty ? { TERM: 'xterm' } : {}), ...options.env },
    workingDir: options.workingDir || context.process.workingDir,
    tty,
    enters: 'same-user',
  });
  const { folder } = context;
  const pipes = await openPipes({ folder, stdin: options.stdin ?? 'none', output: tty ? 'joined' : 'apart' });
  const file = path.join(folder, `.exec-${process.hrtime.bigint()}`);
  try {
    await writeFile(file, script, { mode: 0o600 });
    const child = spawnInside(context, file, pipes);
    const status = await whenReady({ child, signal, program: options.command[0] ?? '' });
    const pid = () => (child.pid === undefined ? undefined : childOf(child.pid));
    return toStreams({ child, pipes, pid, resize: (size) => resizeTerminal(context, status.tty, size) });
  } catch (error) {
    pipes.destroy();
    throw signal.aborted ? abortReason(signal) : error;
  } finally {
    await rm(file, { force: true });
  }
}

function spawnInside(context: ContainerSpaces, file: string, pipes: Pipes): ChildProcess {
  const script = openSync(file, 'r');
  try {
    const unused = ['ignore', 'ignore', 'ignore', 'ignore', 'ignore'] as const;
    return spawn(namespaceTools.join, [...enterContainer(context), 'sh', '-c', '. /proc/self/fd/9'], {
      env: toolEnv,
      stdio: [...pipes.childEnds, 'pipe', ...unused, script],
      detached: true,
    });
  } finally {
    closeSync(script);
    pipes.closeChildEnds();
  }
}

/**
 * First into the user namespace of the pod, which owns most of the others, then into all of the container: its own user
 * namespace comes last, after which nothing else could be entered.
 */
function enterContainer(context: ContainerSpaces): string[] {
  const spaces = ['-U', '-m', '-u', '-i', '-p', ...(context.network === 'own' ? ['-n'] : [])];
  const pod = ['-t', String(context.holderPid), '-U', '--preserve-credentials', '--'];
  return [...pod, 'nsenter', '-t', String(context.pid), ...spaces, '--preserve-credentials', '--'];
}

export interface Starting {
  readonly child: ChildProcess;
  readonly program: string;
  readonly signal: AbortSignal;
}

/**
 * Waits until the program runs. If it fails or the signal aborts, the child is gone before it rejects. An abort waits
 * for the program, some milliseconds: killed earlier, the chain of helper processes could leave its last one behind.
 */
export async function whenReady({ child, signal, program }: Starting): Promise<ChildStatus> {
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  try {
    const status = await readStatus(child, program);
    if (signal.aborted) throw abortReason(signal);
    return status;
  } catch (error) {
    killTree(child);
    await exit;
    throw error;
  }
}

function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const inner = childOf(child.pid);
  const innermost = inner === undefined ? undefined : childOf(inner);
  for (const pid of [innermost, inner]) {
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // already gone
    }
  }
  child.kill('SIGKILL');
}

/** The only child of one of our helper processes. */
function childOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return first ? Number(first) : undefined;
  } catch {
    return undefined;
  }
}

/** Sets the size of a terminal inside the container; its foreground process gets SIGWINCH from the kernel. */
export async function resizeTerminal(
  context: ContainerSpaces,
  terminal: string | undefined,
  size: TerminalSize,
): Promise<void> {
  if (terminal === undefined || !/^\/dev\/pts\/\d+$/.test(terminal)) return;
  const words = ['rows', String(Math.trunc(size.rows)), 'cols', String(Math.trunc(size.columns))];
  try {
    await runTool('nsenter', [...enterContainer(context), 'stty', '-F', terminal, ...words]);
  } catch (error) {
    // the process may have ended meanwhile, with its terminal
    if (!/No such|I\/O error|No such process/.test(errorText(error))) throw error;
  }
}
