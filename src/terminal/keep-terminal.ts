import { sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { ContainerRef } from '../kube/objects.ts';
import type { Target, TargetState } from '../kube/target.ts';
import { openTerminal, type TerminalOptions } from './open-terminal.ts';

export interface KeptTerminalOptions extends Omit<TerminalOptions, 'container'> {
  readonly target: Target;
  /** Gets a line for the user; the terminal is as before at that moment. */
  notice(text: string): void;
}

const firstPauseMs = 300;
const longestPauseMs = 5_000;

/**
 * A terminal that is opened anew when its connection is lost or its container is replaced, after a word to the user.
 * The command starts from its beginning then. Returns the exit code of the command.
 */
export async function keepTerminal(options: KeptTerminalOptions): Promise<number> {
  const { target, notice, signal } = options;
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  let isFirst = true;
  for (;;) {
    const container = await target.current(signal);
    if (!isFirst) notice(`A new terminal in container ${container.container} of pod ${container.pod}`);
    const gone = watchLoss(target, container);
    let why = '';
    try {
      const end = await openTerminal({ ...options, container, signal: AbortSignal.any([signal, gone.signal]) });
      if (end.container === 'alive' && !gone.signal.aborted) return end.code;
    } catch (error) {
      if (signal.aborted || (isFirst && !gone.signal.aborted && !isLoss(error))) throw error;
      if (!gone.signal.aborted && !mayPass(error)) throw error;
      why = gone.signal.aborted ? '' : ` (${errorText(error)})`;
    } finally {
      gone.stop();
    }
    isFirst = false;
    notice(`The terminal in pod ${container.pod} was lost${why}; reconnecting, Ctrl-C ends that`);
    target.lost(container);
    await sleep(backoff.next(), signal);
  }
}

const isLoss = (error: unknown): boolean => error instanceof UserError && error.code === 'KUBE_STREAM';

/** While a pod is being replaced the cluster may say that it does not run or is not there. */
const mayPass = (error: unknown): boolean =>
  error instanceof UserError &&
  ['KUBE_STREAM', 'KUBE_UNREACHABLE', 'KUBE_NOT_FOUND', 'CONTAINER_NOT_RUNNING', 'KUBE_REJECTED'].includes(error.code);

interface Loss {
  /** Aborts when the container is known to have gone, though its stream may not know it. */
  readonly signal: AbortSignal;
  stop(): void;
}

function watchLoss(target: Target, container: ContainerRef): Loss {
  const gone = new AbortController();
  const onState = (state: TargetState) => {
    if (state.kind === 'searching' || (state.kind === 'linked' && state.container.pod !== container.pod)) gone.abort();
  };
  const stop = target.subscribe?.(onState) ?? (() => {});
  return { signal: gone.signal, stop };
}
