import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ReadStream, WriteStream } from 'node:tty';
import { abortReason } from '../core/abort.ts';
import { systemErrorCode, UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { ExecSession, KubeClient, TerminalSize } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { startKeeper, type TerminalState } from './keeper.ts';
import { enterRawMode, type RawMode } from './raw-mode.ts';
import { markedCommand } from './remote-shell.ts';

export interface TerminalOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  /** Absent: bash if the container has it, else sh. */
  readonly command?: readonly string[] | undefined;
  readonly io: TerminalIo;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What a shell reports when its reader has gone (128 + SIGPIPE). */
const brokenPipeCode = 141;

/**
 * Runs a command in the container on the user's terminal and returns its exit code. With a real terminal on both
 * sides: raw keys, its size, one output. Without one it works as a filter: stdin is passed on to its end. When it
 * returns the terminal is as before and no process of it is left in the container.
 */
export async function openTerminal(options: TerminalOptions): Promise<number> {
  const { kube, container, signal } = options;
  const tty = ttyOf(options.io);
  const id = randomBytes(8).toString('hex');
  const keeper = await startKeeper(kube, container, { id, signal });
  const command = keeper ? markedCommand(id, options.command) : options.command;
  if (!command) {
    throw new UserError('TERMINAL_SHELL', `Container ${container.container} of pod ${container.pod} has no shell.`);
  }
  let terminal: TerminalState = 'unknown';
  const isUp = () => {
    terminal = 'started';
  };
  try {
    const session = await kube.exec(container, {
      command,
      terminal: tty ? 'tty' : 'none',
      stdin: 'open',
      ...(tty ? { size: sizeOf(tty.output) } : {}),
      signal,
    });
    for (const output of [session.stdout, session.stderr]) output?.once('data', isUp);
    const code = await (tty ? runOnTerminal(session, tty, signal) : runAsFilter(session, options.io, signal));
    isUp();
    return code;
  } finally {
    await keeper?.close(terminal);
  }
}

interface Tty {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** Both ends must be a terminal: with only one of them, raw mode would hide keys or mix the output. */
export function ttyOf({ stdin, stdout }: TerminalIo): Tty | undefined {
  const isTty = stdin instanceof ReadStream && stdin.isTTY && stdout instanceof WriteStream && stdout.isTTY;
  return isTty ? { input: stdin, output: stdout } : undefined;
}

async function runOnTerminal(session: ExecSession, { input, output }: Tty, signal: AbortSignal): Promise<number> {
  // raw only now: if the container refuses, the terminal has not been touched
  const raw = enterRawMode(input, output);
  const onKeys = (keys: Buffer) => {
    if (session.stdin?.writable) session.stdin.write(keys);
  };
  const onResize = () => session.resize(sizeOf(output));
  input.on('data', onKeys);
  output.on('resize', onResize);
  session.resize(sizeOf(output));
  try {
    const code = await runToEnd(session, { stdout: output }, signal);
    raw.restore('clean');
    return code;
  } finally {
    input.off('data', onKeys);
    output.off('resize', onResize);
    endRawMode(raw, session);
  }
}

function endRawMode(raw: RawMode, session: ExecSession): void {
  raw.restore('cut');
  session.close();
}

async function runAsFilter(session: ExecSession, io: TerminalIo, signal: AbortSignal): Promise<number> {
  const { stdin } = io;
  if (session.stdin) stdin.pipe(session.stdin);
  try {
    return await runToEnd(session, io, signal);
  } finally {
    if (session.stdin) stdin.unpipe(session.stdin);
    stdin.pause();
    session.close();
  }
}

async function runToEnd(
  session: ExecSession,
  sinks: { readonly stdout: Writable; readonly stderr?: Writable },
  signal: AbortSignal,
): Promise<number> {
  let readerGone = false;
  const onError = (error: unknown) => {
    readerGone ||= systemErrorCode(error) === 'EPIPE';
    session.close();
  };
  sinks.stdout.on('error', onError);
  session.stdout.pipe(sinks.stdout, { end: false });
  if (sinks.stderr) session.stderr?.pipe(sinks.stderr, { end: false });
  else session.stderr?.resume();
  try {
    const code = await session.exit;
    await finished(session.stdout, { writable: false }).catch(() => {});
    return code;
  } catch (error) {
    if (readerGone) return brokenPipeCode;
    throw signal.aborted ? abortReason(signal) : error;
  } finally {
    sinks.stdout.off('error', onError);
    session.stdout.unpipe(sinks.stdout);
  }
}

const sizeOf = (output: WriteStream): TerminalSize => ({ columns: output.columns, rows: output.rows });
