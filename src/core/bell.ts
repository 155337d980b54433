import { abortReason } from './abort.ts';

/**
 * Wakes one waiting loop. What rings while nobody waits is not lost: the next wait returns in the next turn of the event
 * loop, so that a loop which rings for itself holds up nothing else.
 */
export interface Bell {
  ring(): void;
  /** Resolves when it rings, at the latest after `ms` milliseconds; rejects with the reason when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    wait(ms, signal) {
      if (signal.aborted) return Promise.reject(abortReason(signal));
      if (hasRung) {
        hasRung = false;
        return new Promise((resolve) => setImmediate(resolve));
      }
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          wake = undefined;
          hasRung = false;
          settle();
        };
        const onAbort = () => finish(() => reject(abortReason(signal)));
        const timer = setTimeout(() => finish(resolve), ms);
        signal.addEventListener('abort', onAbort, { once: true });
        wake = () => finish(resolve);
      });
    },
  };
}
