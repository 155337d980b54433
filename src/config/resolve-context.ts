import type { Legacy } from './versions/legacy.ts';

/** What the defaults depend on besides the model. */
export interface ResolveContext {
  /** Absolute folder that relative paths of the file start from. */
  readonly projectRoot: string;
  /** As written after `version:`. */
  readonly declaredVersion: string;
  /** From `upgradeToNewest`. */
  readonly legacy: Legacy;
}
