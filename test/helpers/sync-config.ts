import type { SyncConfig } from '../../src/config/types.ts';
import { planFolders } from '../../src/workflows/plan-sync.ts';

/** An entry as the configuration gives it, with the rule of v1beta2 for the first synchronisation. */
export const syncConfigOf = (localPath: string, containerPath: string, more: Partial<SyncConfig> = {}): SyncConfig => ({
  ...planFolders(
    { localPath, containerPath, direction: 'both', watch: true, polling: false, allReplicas: false },
    { labelSelector: { app: 'app' } },
    '/',
  ),
  initialSync: 'newestLocal',
  ...more,
});
