import path from 'node:path';
import { UserError } from '../../core/errors.ts';
import { locate, type Problem, toConfigError } from '../diagnostics.ts';
import { type MappingNode, toData } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import type { Source } from '../document/source.ts';
import { eraOf } from '../variables/era.ts';
import { failOn, strictBeforeVariables } from '../verify.ts';
import { versionOf } from '../version-of.ts';
import { defined } from '../versions/data.ts';
import { knownVersions, newestVersion, upgradeToNewest } from '../versions/ladder.ts';
import type { Data } from '../versions/version.ts';
import { withKnownImages, withKnownNames, withReleaseNames } from './known-names.ts';
import { writeSections } from './sections.ts';
import { undefinedVariables } from './undefined-variables.ts';
import { updateProfiles } from './updated-profiles.ts';
import { toWrittenShape, translatedProfiles, updateWarnings } from './written-shape.ts';

export interface UpdatedConfig {
  /** The text in the newest version; the same as before when the file is of the newest version already. */
  readonly text: string;
  /** What could not be kept. */
  readonly problems: readonly Problem[];
}

/**
 * Rewrites a file to the newest version. Variables and profiles stay as they are written. Sections that mean the same in
 * both versions keep their text; in the others the comments go along with what they stand at.
 */
export function updateConfig(source: Source): UpdatedConfig {
  const { root, problems: syntax } = parseYaml(source);
  if (root?.kind !== 'mapping' || syntax.some(({ severity }) => severity === 'error')) {
    throw new UserError('CONFIG_EDIT', `${source.name ?? source.path} has mistakes`, {
      hint: 'Correct them first; `devspace print` lists them.',
    });
  }
  const checked = versionOf(root, knownVersions);
  if ('problem' in checked) throw toConfigError([checked.problem], path.dirname(source.path));
  const { version } = checked;
  if (version === newestVersion) return { text: source.text, problems: [] };
  const verification = { version, era: eraOf(version), cwd: path.dirname(source.path) };
  failOn(strictBeforeVariables(root, verification), root, verification);
  const before = withKnownNames(asData(toData(root)));
  const problems: Problem[] = [];
  const added = undefinedVariables(root, verification.era);
  const { model, origins } = upgradeToNewest(version, before, (finding) => problems.push(locate(finding, root)));
  const { profiles, doubtful } = updateProfiles({
    root,
    translated: translatedProfiles(model, before),
    update: (document) => toNewest(version, document, added),
  });
  const after = { ...toNewest(version, root, added), ...(profiles.length > 0 ? { profiles } : {}) };
  problems.push(...updateWarnings(root, doubtful));
  const text = writeSections(source.text, { before: asData(toData(root)), after, toDeclared: origins.toDeclared });
  return { text, problems };
}

/** The document without its profiles in the newest version. */
function toNewest(version: string, document: MappingNode, added: readonly string[]): Data {
  const data = asData(toData(document));
  const before = withKnownNames(data);
  const { model } = upgradeToNewest(version, before, () => {});
  const { model: known } = upgradeToNewest(version, withKnownImages(before), () => {});
  const { pipelines, pullSecrets } = toWrittenShape(known, before, added);
  const written = { ...toWrittenShape(model, before, added), pipelines, pullSecrets };
  return withReleaseNames(defined({ ...written, version: newestVersion }), data);
}

function asData(data: unknown): Data {
  return typeof data === 'object' && data !== null ? { ...data } : {};
}
