/** Pauses between tries, in milliseconds: exponential with jitter, never above the cap. */
export interface Backoff {
  /** The next pause. */
  next(): number;
  /** Called when the work was healthy again: starts over with the first pause. */
  reset(): void;
}

export function createBackoff(firstMs: number, capMs: number, random: () => number = Math.random): Backoff {
  let tries = 0;
  return {
    next() {
      const full = Math.min(capMs, firstMs * 2 ** tries++);
      return Math.round(full * (0.5 + random() / 2));
    },
    reset() {
      tries = 0;
    },
  };
}
