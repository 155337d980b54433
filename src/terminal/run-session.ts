import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ReadStream, WriteStream } from 'node:tty';
import { abortReason } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { ExecSession, TerminalSize } from '../kube/client.ts';
import { createEscape } from './escape.ts';
import { enterRawMode, type RawMode } from './raw-mode.ts';

/** What a shell reports when its reader has gone (128 + SIGPIPE). */
const brokenPipeCode = 141;

/** The exit codes of what was killed, perhaps with its container (128 + SIGKILL, 128 + SIGTERM). */
export const killedCodes: readonly number[] = [137, 143];

/** The exit code of the process, or that the user has left it. */
export type SessionEnd = number | 'detached';

export interface Tty {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** Both ends must be a terminal: with only one of them, raw mode would hide keys or mix the output. */
export function ttyOf({ stdin, stdout }: TerminalIo): Tty | undefined {
  const isTty = stdin instanceof ReadStream && stdin.isTTY && stdout instanceof WriteStream && stdout.isTTY;
  return isTty ? { input: stdin, output: stdout } : undefined;
}

export const sizeOf = ({ output }: Tty): TerminalSize => ({ columns: output.columns, rows: output.rows });

/** Connects the process with the user's terminal until it ends or the user types `~.` after Enter. */
export async function runOnTerminal(session: ExecSession, tty: Tty, signal: AbortSignal): Promise<SessionEnd> {
  const { input, output } = tty;
  // raw only now: if the container refuses, the terminal has not been touched
  const raw = enterRawMode(input, output);
  const escape = createEscape();
  const left = defer<'detached'>();
  const onKeys = (typed: Buffer) => {
    const { keys, isDetached } = escape(typed);
    if (keys.length > 0 && session.stdin?.writable && !session.stdin.write(keys)) input.pause();
    if (isDetached) left.resolve('detached');
  };
  const onDrain = () => void input.resume();
  const onResize = () => session.resize(sizeOf(tty));
  input.on('data', onKeys);
  // a terminal before this one has left it paused
  input.resume();
  session.stdin?.on('drain', onDrain);
  output.on('resize', onResize);
  session.resize(sizeOf(tty));
  try {
    const end = await Promise.race([runToEnd(session, { stdout: output }, signal), left.promise]);
    raw.restore(isCut(end) ? 'cut' : 'clean');
    return end;
  } finally {
    input.off('data', onKeys);
    session.stdin?.off('drain', onDrain);
    output.off('resize', onResize);
    endRawMode(raw, session);
  }
}

/** A program that was killed could not leave the alternate screen any more. */
const isCut = (end: SessionEnd): boolean => end === 'detached' || killedCodes.includes(end);

function endRawMode(raw: RawMode, session: ExecSession): void {
  raw.restore('cut');
  session.close();
}

/** Passes stdin on, with its end or without, and keeps the outputs apart. */
export async function runAsFilter(
  session: ExecSession,
  { io, signal, end }: { readonly io: TerminalIo; readonly signal: AbortSignal; readonly end: 'passed' | 'kept' },
): Promise<number> {
  const { stdin } = io;
  if (session.stdin) stdin.pipe(session.stdin, { end: end === 'passed' });
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
