import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work in one piece holds everything else up at a time. */
const sliceMs = 10;

/** The time that a long piece of work may take before others get their turn. */
export interface TimeSlice {
  /** It is used up: time for `giveWay`. Costs nothing, so that it can be asked for each file. */
  readonly isOver: boolean;
  /** Lets everything else that waits have its turn, and begins anew. */
  giveWay(): Promise<void>;
}

export function createTimeSlice(): TimeSlice {
  let end = performance.now() + sliceMs;
  return {
    get isOver() {
      return performance.now() > end;
    },
    async giveWay() {
      await nextTurn();
      end = performance.now() + sliceMs;
    },
  };
}
