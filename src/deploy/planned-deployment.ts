import type { KubeObject } from '../kube/objects.ts';

/** A deployment whose objects are known; nothing in the cluster is touched for it. */
export interface PlannedDeployment {
  readonly name: string;
  readonly namespace?: string;
  /** In the order in which they are applied. */
  readonly objects: readonly KubeObject[];
  /** Whether images that were built get their new tag. */
  readonly updateImageTags: boolean;
  /** Whether words such as `image(app)` are filled in; texts of manifest files only look like them. */
  readonly imageWords: 'filled' | 'kept';
}

/** What rendering needs from the run. */
export interface RenderRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}
