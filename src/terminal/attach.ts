import type { Log } from '../core/log.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef, ContainerSpec } from '../kube/objects.ts';
import { runAsFilter, runOnTerminal, sizeOf, ttyOf } from './run-session.ts';

export interface AttachTerminalOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  /** Whether the container was made with a terminal and with an open input. */
  readonly spec: Pick<ContainerSpec, 'tty' | 'stdin' | 'stdinOnce'>;
  readonly io: TerminalIo;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Connects the user's terminal with the main process of the container, as far as that has a terminal and an input.
 * Leaving it, with `~.` after Enter or a signal, does not end the process. Resolves when that has ended or was left.
 */
export async function attachTerminal({ log, ...options }: AttachTerminalOptions): Promise<void> {
  const { kube, container, spec, io, signal } = options;
  const tty = spec.tty ? ttyOf(io) : undefined;
  const stdin = spec.stdin ? 'open' : 'none';
  if (stdin === 'none') {
    log.warn(
      `Container ${container.container} reads no input: only what it prints is shown. \`stdin: true\` and \`tty: true\` change that.`,
    );
  }
  const size = tty ? { size: sizeOf(tty) } : {};
  const session = await kube.attach(container, { terminal: spec.tty ? 'tty' : 'none', stdin, ...size, signal });
  if (tty) {
    log.info('Attached. Enter may bring the prompt back; ~. after Enter leaves it.');
    const end = await runOnTerminal(session, tty, signal);
    if (end === 'detached') log.info('Left. The process goes on.');
  } else {
    // the process would not see the end, but Docker Engine would take it for a wish to hear no more
    await runAsFilter(session, { io, signal, end: spec.stdinOnce ? 'passed' : 'kept' });
  }
}
