import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { withDeadline } from '../../core/abort.ts';
import { errorText, systemErrorCode, UserError } from '../../core/errors.ts';
import type { TerminalIo } from '../../core/terminal-io.ts';

/** A program of this machine that gets the user's terminal. */
export interface LocalProgram {
  /** The first one that is installed is run. */
  readonly candidates: readonly string[];
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LocalRun {
  readonly io: TerminalIo;
  readonly signal: AbortSignal;
}

/** After an abort the program gets this long to end by itself, once for Ctrl-C and once for SIGTERM. */
const patienceMs = 1_500;
/** So long the last output may take to arrive; a daemon that the program has started may hold it open for ever. */
const lastOutputMs = 1_000;

/**
 * Runs a program with the user's streams and returns its exit code; 128 plus the signal for one that was killed. An
 * abort ends it with everything that it started. `COMMAND_START` if it cannot be started.
 */
export async function runLocally(program: LocalProgram, run: LocalRun): Promise<number> {
  for (const candidate of program.candidates) {
    const exitCode = await runOne(candidate, program, run);
    if (exitCode !== 'not installed') return exitCode;
  }
  throw new UserError('COMMAND_START', `The program ${program.candidates.join(' or ')} is not installed`);
}

async function runOne(
  candidate: string,
  { args, cwd, env }: LocalProgram,
  { io, signal }: LocalRun,
): Promise<number | 'not installed'> {
  if (signal.aborted) return 130;
  const sharesTerminal = isTerminal(io.stdin);
  const streams = [io.stdin, io.stdout, io.stderr] as const;
  const stdio: StdioOptions = streams.map((stream) => fdOf(stream) ?? 'pipe');
  // on a terminal Ctrl-C must reach the program by itself; elsewhere it leads a group that can be ended as a whole
  const child = spawn(candidate, args, { cwd, env: { ...env }, stdio, detached: !sharesTerminal });
  const pipes = connect(child, io);
  const ending = endOnAbort(child, sharesTerminal ? 'terminal' : 'group', signal);
  try {
    const exitCode = await exitOf(child);
    await pipes();
    return exitCode;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return 'not installed';
    throw new UserError('COMMAND_START', `${candidate} cannot be started: ${code ?? errorText(error)}`, {
      cause: error,
    });
  } finally {
    ending();
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, name) => resolve(code ?? 128 + (name ? constants.signals[name] : 0)));
  });
}

/** Streams without a file descriptor are copied. The returned function waits for the end of the output. */
function connect(child: ChildProcess, io: TerminalIo): () => Promise<void> {
  const outputs: Readable[] = [];
  const copy = (from: Readable | null, to: Writable): void => {
    if (!from) return;
    from.pipe(to, { end: false });
    outputs.push(from);
  };
  copy(child.stdout, io.stdout);
  copy(child.stderr, io.stderr);
  const { stdin } = child;
  if (stdin) {
    // a program that reads nothing closes its end
    stdin.on('error', () => {});
    io.stdin.pipe(stdin);
    child.once('exit', () => io.stdin.unpipe(stdin));
  }
  return async () => {
    const ended = Promise.all(outputs.map((output) => finished(output).catch(errorText)));
    await withDeadline(ended, lastOutputMs, () => new Error('held open')).catch(errorText);
    for (const output of outputs) output.destroy();
  };
}

/** Asks the program to end when the signal aborts, in the end without asking. Returns how to stop waiting for that. */
function endOnAbort(child: ChildProcess, reach: 'terminal' | 'group', signal: AbortSignal): () => void {
  const timers: NodeJS.Timeout[] = [];
  const kill = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(reach === 'group' ? -child.pid : child.pid, name);
    } catch {
      // it has ended meanwhile
    }
  };
  const onAbort = (): void => {
    // the terminal has told the program already
    if (reach === 'group') kill('SIGTERM');
    else timers.push(setTimeout(() => kill('SIGTERM'), patienceMs));
    timers.push(setTimeout(() => kill('SIGKILL'), 2 * patienceMs));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    for (const timer of timers) clearTimeout(timer);
    if (signal.aborted && reach === 'group') kill('SIGKILL');
  };
}

function fdOf(stream: Readable | Writable): number | undefined {
  return 'fd' in stream && typeof stream.fd === 'number' && stream.fd >= 0 ? stream.fd : undefined;
}

function isTerminal(stream: Readable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
