import { randomBytes } from 'node:crypto';
import { abortReason } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { ExecSession, KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { type ContainerState, type Keeper, startKeeper, type TerminalState } from './keeper.ts';
import { markedCommand, startWord } from './remote-shell.ts';
import { killedCodes, runAsFilter, runOnTerminal, type SessionEnd, sizeOf, type Tty, ttyOf } from './run-session.ts';

export interface TerminalOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  /** Absent: bash if the container has it, else sh. */
  readonly command?: readonly string[] | undefined;
  readonly io: TerminalIo;
  readonly signal: AbortSignal;
}

export interface TerminalEnd {
  /** Of the command; 0 if the user has left it with `~.`. */
  readonly code: number;
  /** `gone`: the command ended because its container did. */
  readonly container: ContainerState;
}

/**
 * Runs a command in the container on the user's terminal. With a real terminal on both sides: raw keys, its size, one
 * output. Without one it works as a filter: stdin is passed on to its end. When it returns the terminal is as before and
 * no process of it is left in the container.
 */
export async function openTerminal(options: TerminalOptions): Promise<TerminalEnd> {
  const { signal } = options;
  const tty = ttyOf(options.io);
  const { keeper, isWaiting, open } = await startWithKeeper(options, tty);
  // what waits for our word cannot come up later
  let terminal: TerminalState = isWaiting ? 'started' : 'unknown';
  let end: SessionEnd | undefined;
  let state: ContainerState | undefined;
  const isUp = () => {
    terminal = 'started';
  };
  try {
    const session = await open();
    if (isWaiting) {
      if (signal.aborted) throw abortReason(signal);
      terminal = 'unknown';
      session.stdin?.write(`${startWord}\n`);
    }
    for (const output of [session.stdout, session.stderr]) output?.once('data', isUp);
    end = await (tty
      ? runOnTerminal(session, tty, signal)
      : runAsFilter(session, { io: options.io, signal, end: 'passed' }));
    isUp();
  } finally {
    state = await keeper?.close(terminal);
  }
  if (end === 'detached') return { code: 0, container: 'alive' };
  return { code: end, container: killedCodes.includes(end) ? (state ?? 'alive') : 'alive' };
}

interface Started {
  /** Absent: the container has no shell. */
  readonly keeper: Keeper | undefined;
  /** The command does not start before it gets `startWord` on its stdin. */
  readonly isWaiting: boolean;
  open(): Promise<ExecSession>;
}

/**
 * Starts the keeper, and beside it what needs no terminal: that waits in the container for our word, which it gets only
 * once the keeper watches. A terminal would show the word, so it opens after the keeper.
 */
async function startWithKeeper(options: TerminalOptions, tty: Tty | undefined): Promise<Started> {
  const { kube, container, signal } = options;
  const id = randomBytes(8).toString('hex');
  const exec = (command: readonly string[]) =>
    kube.exec(container, {
      command,
      terminal: tty ? 'tty' : 'none',
      stdin: 'open',
      ...(tty ? { size: sizeOf(tty) } : {}),
      signal,
    });
  const starting = startKeeper(kube, container, { id, signal });
  const waiting = tty ? undefined : exec(markedCommand(id, options.command, 'waits'));
  // told by `open`, or by the keeper, which fails for the same reason
  waiting?.catch(() => {});
  let keeper: Keeper | undefined;
  try {
    keeper = await starting;
  } finally {
    // it gets no word any more, and an open stream would keep our process
    if (!keeper) waiting?.then((session) => session.close()).catch(() => {});
  }
  if (keeper && waiting) return { keeper, isWaiting: true, open: () => waiting };
  const command = keeper ? markedCommand(id, options.command) : options.command;
  if (!command) {
    throw new UserError('TERMINAL_SHELL', `Container ${container.container} of pod ${container.pod} has no shell.`);
  }
  return { keeper, isWaiting: false, open: () => exec(command) };
}
