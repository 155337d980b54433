import { randomBytes } from 'node:crypto';
import { UserError } from '../core/errors.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { type ContainerState, startKeeper, type TerminalState } from './keeper.ts';
import { markedCommand } from './remote-shell.ts';
import { killedCodes, runAsFilter, runOnTerminal, type SessionEnd, sizeOf, ttyOf } from './run-session.ts';

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
  const { kube, container, signal } = options;
  const tty = ttyOf(options.io);
  const id = randomBytes(8).toString('hex');
  const keeper = await startKeeper(kube, container, { id, signal });
  const command = keeper ? markedCommand(id, options.command) : options.command;
  if (!command) {
    throw new UserError('TERMINAL_SHELL', `Container ${container.container} of pod ${container.pod} has no shell.`);
  }
  let terminal: TerminalState = 'unknown';
  let end: SessionEnd | undefined;
  let state: ContainerState | undefined;
  const isUp = () => {
    terminal = 'started';
  };
  try {
    const session = await kube.exec(container, {
      command,
      terminal: tty ? 'tty' : 'none',
      stdin: 'open',
      ...(tty ? { size: sizeOf(tty) } : {}),
      signal,
    });
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
