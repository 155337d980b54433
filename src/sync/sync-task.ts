import type { SyncConfig } from '../config/types.ts';
import type { Target } from '../kube/target.ts';

/** An entry, and the container that it is for. */
export interface SyncTask {
  readonly target: Target;
  readonly config: SyncConfig;
}
