import type { HelmDeployment, ObjectPatch } from '../config/types.ts';
import type { Log } from '../core/log.ts';
import type { ChartFolder } from '../helm/charts.ts';
import type { KubeObject } from '../kube/objects.ts';

/** A deployment of which everything on this side is known; nothing in the cluster is touched for it. */
export type PlannedDeployment = PlannedObjects | PlannedRelease;

interface PlannedBase {
  readonly name: string;
  readonly namespace?: string;
  /** Whether images that were built get their new tag. */
  readonly updateImageTags: boolean;
}

/** A deployment whose objects are known before the tags of its images are. */
export interface PlannedObjects extends PlannedBase {
  readonly kind: 'objects';
  /** In the order in which they are applied. */
  readonly objects: readonly KubeObject[];
  /** Whether words such as `image(app)` are filled in; texts of manifest files only look like them. */
  readonly imageWords: 'filled' | 'kept';
  /** Applied last; they are known to fit the objects. */
  readonly patches: readonly ObjectPatch[];
  /** Take over fields of other field managers. */
  readonly forceConflicts: boolean;
}

/** A chart: its objects are known only by Helm, once it has its values with the tags of the run. */
export interface PlannedRelease extends PlannedBase {
  readonly kind: 'release';
  readonly helm: HelmDeployment;
  /** Absolute path of the chart's folder or archive. */
  readonly chart: string;
  /** The values of a chart in a folder; empty for others. */
  readonly chartValues: ChartValues;
  /** The files of `valuesFiles`. */
  readonly fileValues: readonly ChartValues[];
  /** Absolute; relative paths of arguments start here. */
  readonly projectRoot: string;
}

export type ChartValues = Readonly<Record<string, unknown>>;

/** What rendering needs from the run. */
export interface RenderRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Where fetched charts go; it outlives the planned deployments. */
  readonly charts: ChartFolder;
}
