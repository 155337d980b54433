import path from 'node:path';
import type { SyncRun } from '../../src/sync/start-sync.ts';

/** A run that nobody answers and whose log file lies with what it remembers. */
export const syncRunOf = (
  run: Pick<SyncRun, 'kube' | 'log' | 'signal' | 'stateFolder'> & Partial<SyncRun>,
): SyncRun => ({
  env: process.env,
  logFile: path.join(run.stateFolder, 'sync.log'),
  detail: 'short',
  confirm: async () => 'nobody',
  ...run,
});
