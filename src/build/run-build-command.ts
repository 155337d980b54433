import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { abortReason, withDeadline } from '../core/abort.ts';
import { errorText, systemErrorCode, UserError } from '../core/errors.ts';
import type { BuildCommand } from './custom/plan-command.ts';

export interface BuildCommandRun {
  /** Absolute folder to run in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Both outputs of the command, line by line. */
  onOutput(line: string): void;
  /** What the command reads; nothing without it. It is destroyed at the end. */
  readonly input?: Readable;
  /** What to do if the command is not installed. */
  readonly remedy: string;
  readonly signal: AbortSignal;
}

/** After an abort the command gets this long to clean up. */
const graceMs = 2_000;
/** So long the last output may take to arrive; a daemon that the command has started may hold it open for ever. */
const lastOutputMs = 1_000;

/**
 * Runs the command and returns its exit code. An abort ends it with all that it started, and rejects
 * once it has ended. `COMMAND_START` if it cannot be started.
 */
export async function runBuildCommand(command: BuildCommand, run: BuildCommandRun): Promise<number> {
  if (command.kind === 'program') {
    const exitCode = await runOne(command.program, command.args, run);
    if (exitCode !== undefined) return exitCode;
    throw notInstalled(command.program, run.remedy);
  }
  for (const shell of ['bash', 'sh']) {
    const exitCode = await runOne(shell, ['-c', command.script], run);
    if (exitCode !== undefined) return exitCode;
  }
  throw notInstalled('bash or sh', run.remedy);
}

/** `undefined`: the program is not installed. */
async function runOne(program: string, args: readonly string[], run: BuildCommandRun): Promise<number | undefined> {
  const { cwd, env, signal, input } = run;
  signal.throwIfAborted();
  const hasGroups = process.platform !== 'win32';
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: hasGroups });
  const kill = (name: NodeJS.Signals) => (hasGroups ? killGroup(child, name) : child.kill(name));
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    kill('SIGTERM');
    timer = setTimeout(() => kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  let broken: Error | undefined;
  const sent = feed(child, input).catch((error: unknown) => {
    // a command need not read all; but half a context must not become an image
    if (!isClosedPipe(error)) {
      broken = error instanceof Error ? error : new Error(String(error));
      kill('SIGKILL');
    }
  });
  const outputs = [child.stdout, child.stderr].map((stream) => readLines(stream, run).catch(() => {}));
  try {
    const exitCode = await exitOf(child);
    if (signal.aborted) throw abortReason(signal);
    await withDeadline(Promise.all(outputs), lastOutputMs, () => new Error('held open')).catch(() => {});
    input?.destroy();
    await sent;
    if (signal.aborted) throw abortReason(signal);
    if (broken !== undefined) throw broken;
    return exitCode;
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (broken !== undefined) throw broken;
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return undefined;
    throw new UserError('COMMAND_START', `${program} cannot be started: ${code ?? errorText(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    input?.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    // what it left behind in its group must not outlive a cancelled build
    if (signal.aborted) kill('SIGKILL');
  }
}

/** Without input the command finds the end at once. */
async function feed(child: ChildProcessByStdio<Writable, Readable, Readable>, input?: Readable): Promise<void> {
  child.stdin.on('error', () => {});
  if (input) await pipeline(input, child.stdin);
  else child.stdin.end();
}

const isClosedPipe = (error: unknown): boolean =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(systemErrorCode(error) ?? '');

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // it has ended meanwhile
  }
}

async function readLines(stream: Readable, { onOutput, signal }: BuildCommandRun): Promise<void> {
  for await (const line of createInterface({ input: stream, signal })) onOutput(line);
}

function notInstalled(program: string, hint: string): UserError {
  return new UserError('COMMAND_START', `The program ${program}, which builds the image, is not installed.`, { hint });
}
