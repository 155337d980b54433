import { type Selection, selectContainer, type TargetQuery } from './find-target.ts';
import type { Pod } from './objects.ts';
import { podState } from './pod-state.ts';

export interface ReadySelection {
  readonly selection: Selection;
  /** How many pods have a running container that fits. */
  readonly candidates: number;
}

/**
 * Pure: the container for a command that starts now and cannot wait. The newest ready pod counts, then the newest whose
 * container runs; without one it says why the newest pod of all does not fit. Equal pods give the same choice each time.
 */
export function selectReadyContainer(pods: readonly Pod[], query: TargetQuery): ReadySelection {
  const usable = pods.filter((pod) => selectContainer([pod], query).found !== undefined);
  const ready = usable.filter((pod) => podState(pod).ready);
  const best = [ready, usable].find(({ length }) => length > 0) ?? pods;
  return { selection: selectContainer(best, query), candidates: usable.length };
}
