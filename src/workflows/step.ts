import type { Log } from '../core/log.ts';

/** One step of a workflow: its heading, its time, and nothing else. The only place for such things. */
export async function step<T>(title: string, log: Log, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  log.debug(`${title} …`);
  try {
    return await work();
  } finally {
    log.status(undefined);
    log.debug(`${title}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}
