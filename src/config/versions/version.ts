import type { TSchema } from '@sinclair/typebox';
import type { KeyPath, Report } from '../finding.ts';

/** A document as YAML gives it: nothing is known about it before its version has checked it. */
export type Data = Record<string, unknown>;

/**
 * One version of the configuration file.
 *
 * The seam between reading a file and knowing what it means (`ladder.ts` has the functions that cross it):
 * - `checkStrict(version, data)` after profiles and variables. Its paths are those of `data`.
 * - `upgradeToNewest(version, data, report)` only for data that the strict check let pass.
 * - `checkSemantics(model)`; its paths are those of the model: `origins.toDeclared(path)` gives the path in `data`.
 * - `resolve(model, …)` fills the defaults for the engines, `toPrintShape(model)` is what `devspace print` shows.
 */
export interface ConfigVersion {
  /** As written after `version:`, such as `v1beta2`. */
  readonly name: string;
  /** The strict key tree. Descriptions and defaults stand in it; the JSON schema and the docs come from it. */
  readonly schema: TSchema;
  /**
   * Pure step to the next version; the newest has none. The data has passed the strict check. It may be kept and shared,
   * never changed. What cannot be kept is reported, with paths of this version.
   */
  readonly upgrade?: Upgrade;
}

type Upgrade = (data: Data, context: UpgradeContext) => Data;

export interface UpgradeContext {
  readonly report: Report;
  /** Says that what stands at `to` in the result came from `from` in the data. What keeps its path need not be told. */
  readonly moved: (to: KeyPath, from: KeyPath) => void;
}

/** Leads from the newest model back to the declared version. */
export interface Origins {
  /** The path in the declared version that the model's path came from: the nearest known one. */
  readonly toDeclared: (path: KeyPath) => KeyPath;
}

export interface Upgraded<Model> {
  readonly model: Model;
  readonly origins: Origins;
}
