import type { Finding, KeyPath, Report } from '../finding.ts';
import { checkSchema } from '../schema/check.ts';
import { normalize } from '../schema/normalize.ts';
import { checkVariables } from '../schema/rules/variables.ts';
import type { Model } from '../schema/v2beta1.ts';
import { without } from './data.ts';
import { type Legacy, legacyOf } from './legacy.ts';
import { toModel } from './model.ts';
import { toProfiles } from './to-v2beta1/profiles.ts';
import { v1alpha1 } from './v1alpha1.ts';
import { v1alpha2 } from './v1alpha2.ts';
import { v1alpha3 } from './v1alpha3.ts';
import { v1alpha4 } from './v1alpha4.ts';
import { v1beta1 } from './v1beta1.ts';
import { v1beta2 } from './v1beta2.ts';
import { v1beta3 } from './v1beta3.ts';
import { v1beta4 } from './v1beta4.ts';
import { v1beta5 } from './v1beta5.ts';
import { v1beta6 } from './v1beta6.ts';
import { v1beta7 } from './v1beta7.ts';
import { v1beta8 } from './v1beta8.ts';
import { v1beta9 } from './v1beta9.ts';
import { v1beta10 } from './v1beta10.ts';
import { v1beta11 } from './v1beta11.ts';
import { v2beta1 } from './v2beta1.ts';
import type { ConfigVersion, Data, Origins, Upgraded } from './version.ts';

export { checkSemantics } from '../schema/rules/semantics.ts';

/** All versions, oldest first. The last one is the model. */
export const versions: readonly ConfigVersion[] = [
  v1alpha1,
  v1alpha2,
  v1alpha3,
  v1alpha4,
  v1beta1,
  v1beta2,
  v1beta3,
  v1beta4,
  v1beta5,
  v1beta6,
  v1beta7,
  v1beta8,
  v1beta9,
  v1beta10,
  v1beta11,
  v2beta1,
];

export const knownVersions: readonly string[] = versions.map(({ name }) => name);

export const newestVersion = v2beta1.name;

/**
 * Compares a document, after profiles and variables, with the key tree of the version that it declares. `version` and
 * `name` are keys like others; `imports` and `profiles` may still be there.
 */
export function checkStrict(versionName: string, data: Data): Finding[] {
  return [...checkSchema(versionOf(versionName).schema, data), ...checkVariables(data.vars)];
}

/**
 * Brings a document that has passed `checkStrict` to the newest version, step by step. What cannot be kept is reported,
 * with paths of the declared version. The model still lacks defaults and, where the file has none, a name.
 */
export function upgradeToNewest(versionName: string, data: Data, report: Report): Upgraded<Model> & { legacy: Legacy } {
  const { document, moves } = climb(versionName, data, report);
  const toDeclared = (path: KeyPath): KeyPath => toOrigin(path, moves);
  const upgradePart = (part: Data): Data => climb(versionName, { version: versionName, ...part }, () => {}).document;
  const hasOldProfiles = versionName !== newestVersion && data.profiles !== undefined;
  const profiles = hasOldProfiles ? { profiles: toProfiles(data, upgradePart) } : {};
  const model = toModel({ ...without(document, 'legacy'), ...profiles, version: newestVersion });
  return { model, legacy: legacyOf(document), origins: { toDeclared } satisfies Origins };
}

/** The document of the newest version, and what moved where in each step. */
function climb(versionName: string, data: Data, report: Report): { document: Data; moves: readonly Move[][] } {
  const declared = versionOf(versionName);
  const start = versions.indexOf(declared);
  const moves: Move[][] = [];
  // what is not upgraded becomes the model, which is normalized itself
  let document = declared.upgrade ? normalize(declared.schema, data) : data;
  for (const version of versions.slice(start)) {
    if (!version.upgrade) break;
    const stepMoves: Move[] = [];
    document = version.upgrade(document, {
      report: (finding) => report({ ...finding, path: toOrigin(finding.path, moves) }),
      moved: (to, from) => void stepMoves.push({ to, from }),
    });
    moves.push(stepMoves);
  }
  return { document, moves };
}

interface Move {
  readonly to: KeyPath;
  readonly from: KeyPath;
}

/** Goes the steps backwards; in each, the longest moved path that leads to the given one counts. */
function toOrigin(path: KeyPath, moves: readonly Move[][]): KeyPath {
  let current = path;
  for (const step of moves.toReversed()) {
    let best: Move | undefined;
    for (const move of step) {
      if (isWithin(current, move.to) && move.to.length >= (best?.to.length ?? 0)) best = move;
    }
    if (best) current = [...best.from, ...current.slice(best.to.length)];
  }
  return current;
}

const isWithin = (path: KeyPath, start: KeyPath): boolean => start.every((part, index) => path[index] === part);

/** Throws for a version that is not known: callers compare with `knownVersions` before. */
function versionOf(name: string): ConfigVersion {
  const version = versions.find((candidate) => candidate.name === name);
  if (!version) throw new Error(`unknown configuration version ${name}`);
  return version;
}
