import type { ContainerRef } from '../kube/objects.ts';
import type { SyncTask } from './sync-task.ts';

/** Knows when a container has the files of all entries that its program waits for. */
export interface ProgramStart {
  /** The entry connects to a container, whose files it does not know yet. */
  connecting(entry: SyncTask): void;
  /** The entry is in step; returns whether it is the last one that the program of the container has waited for. */
  inStep(entry: SyncTask, container: ContainerRef): boolean;
}

export function createProgramStart(entries: readonly SyncTask[]): ProgramStart {
  const places = new Map<SyncTask, string>();
  return {
    connecting: (entry) => void places.delete(entry),
    inStep(entry, { pod, container }) {
      if (!entry.config.startsContainer) return false;
      const place = `${pod}/${container}`;
      places.set(entry, place);
      return entries
        .filter(({ target, config }) => target === entry.target && config.startsContainer)
        .every((other) => places.get(other) === place);
    },
  };
}
