import { abortReason } from './abort.ts';

export interface ParallelOptions {
  /** How many are worked on at the same time, at least 1. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Works on the items, several at once, started in their order; gives the results in their order. The first failure
 * aborts the others, and the promise rejects with it only after all have ended: nothing goes on behind it.
 */
export async function mapParallel<Item, Result>(
  items: readonly Item[],
  { limit, signal }: ParallelOptions,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results = new Map<number, Result>();
  const queue = items.entries();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (either.aborted) return;
      try {
        results.set(index, await work(item, either));
      } catch (error) {
        failures.push(error);
        failure.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (signal.aborted) throw abortReason(signal);
  if (failures.length > 0) throw failures[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
