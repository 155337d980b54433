import { withDeadline } from '../core/abort.ts';
import { errorText } from '../core/errors.ts';
import type { ExecSession, KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { keeperCommand, keeperReady, terminalStarted } from './remote-shell.ts';

export type TerminalState = 'started' | 'unknown';

/** `gone`: the keeper was killed or cannot be reached any more. */
export type ContainerState = 'alive' | 'gone';

export interface Keeper {
  /**
   * Hangs the terminal's processes up and resolves when they are gone, after three seconds at most. What is not
   * known to have started may still come up, and is waited for, in the container also when we are gone.
   */
  close(terminal: TerminalState): Promise<ContainerState>;
}

const closeWithinMs = 3_000;

/**
 * Starts the keeper of a terminal. `undefined` if the container has no shell to run it.
 */
export async function startKeeper(
  kube: KubeClient,
  container: ContainerRef,
  options: { readonly id: string; readonly signal: AbortSignal },
): Promise<Keeper | undefined> {
  // its stream must outlive the signal of the run: closing it is what cleans up
  const own = new AbortController();
  const command = keeperCommand(options.id);
  const session = await kube.exec(container, { command, terminal: 'none', stdin: 'open', signal: own.signal });
  session.stderr?.resume();
  let isReady = false;
  try {
    options.signal.throwIfAborted();
    isReady = await becomesReady(session);
  } finally {
    // nobody else knows of this stream, and an open one would keep our process
    if (!isReady) session.close();
  }
  if (!isReady) return undefined;
  return {
    async close(terminal) {
      session.stdin?.end(terminal === 'started' ? `${terminalStarted}\n` : undefined);
      const code = await withDeadline(session.exit, closeWithinMs, () => new Error('late')).catch(errorText);
      session.close();
      return code === 0 ? 'alive' : 'gone';
    },
  };
}

async function becomesReady(session: ExecSession): Promise<boolean> {
  let text = '';
  for await (const chunk of session.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes(`${keeperReady}\n`)) return true;
  }
  return false;
}
