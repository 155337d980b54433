import { isDeepStrictEqual } from 'node:util';
import { child, fromData, type MappingNode, stringAt, toData, withoutEntry } from '../document/node.ts';
import { applyProfiles } from '../profiles/apply.ts';
import { type Profile, toProfiles } from '../profiles/select.ts';
import { without } from '../versions/data.ts';
import { checkStrict, newestVersion, upgradeToNewest } from '../versions/ladder.ts';
import { toPrintShape } from '../versions/model.ts';
import type { Data } from '../versions/version.ts';
import { toProfileChanges } from './profile-changes.ts';

export interface ProfilesToUpdate {
  /** The file as it is written. */
  readonly root: MappingNode;
  /** Its profiles, translated part by part: right as long as the parts keep their places. */
  readonly translated: readonly Data[];
  /** The file as it will be written, for a document without profiles. */
  readonly update: (root: MappingNode) => Data;
}

export interface UpdatedProfiles {
  readonly profiles: readonly Data[];
  /** The names of those that do not lead to quite the same as before. */
  readonly doubtful: readonly string[];
}

/**
 * Profiles that do to the updated file what they did to the old one. A translation that does the same is kept; else the
 * profile says what changes between the file without it and with it, after its parents.
 */
export function updateProfiles({ root, translated, update }: ProfilesToUpdate): UpdatedProfiles {
  const known = toProfiles(child(root, 'profiles'));
  const doubtful: string[] = [];
  const profiles = translated.map((profile, index) => {
    const own = known[index];
    const states = own && stateOf(own, { root, known, update });
    if (!own || !states) {
      doubtful.push(String(profile.name));
      return profile;
    }
    if (leadsTo(states, profile)) return profile;
    const { merge, patches } = toProfileChanges(states.before, states.after);
    const rest = without(profile, 'replace', 'merge', 'patches');
    const generated = {
      ...rest,
      ...(Object.keys(merge).length > 0 ? { merge } : {}),
      ...(patches.length > 0 ? { patches } : {}),
    };
    if (!leadsTo(states, generated)) doubtful.push(own.name);
    return generated;
  });
  return { profiles, doubtful };
}

interface States {
  /** The updated file with the profile's parents. */
  readonly before: Data;
  /** And with the profile itself. */
  readonly after: Data;
}

type Context = Pick<ProfilesToUpdate, 'root' | 'update'> & { readonly known: readonly Profile[] };

function stateOf(profile: Profile, { root, known, update }: Context): States | undefined {
  const chain = localChain(profile, known, []);
  const base = ['profiles', 'imports'].reduce(withoutEntry, root);
  const withParents = applyProfiles(base, chain.slice(0, -1));
  const withAll = applyProfiles(base, chain);
  if (withAll.problems.some(({ severity }) => severity === 'error')) return undefined;
  return { before: update(withParents.root), after: update(withAll.root) };
}

/** Parents first, as far as they stand in this file. */
function localChain(profile: Profile, known: readonly Profile[], trail: readonly string[]): Profile[] {
  const { node, name } = profile;
  if (trail.includes(name)) return [];
  const several = child(node, 'parents');
  const names = [
    stringAt(node, 'parent'),
    ...(several?.kind === 'sequence' ? several.items : []).map((parent) =>
      child(parent, 'source') ? undefined : stringAt(parent, 'profile'),
    ),
  ];
  const parents = names.flatMap((wanted) => known.filter((candidate) => candidate.name === wanted).slice(0, 1));
  return [...parents.flatMap((parent) => localChain(parent, known, [...trail, name])), profile];
}

function leadsTo({ before, after }: States, profile: Data): boolean {
  const span = { source: { path: '', text: '' }, start: 0, end: 0 };
  const root = fromData(before, span);
  const node = fromData(profile, span);
  if (root.kind !== 'mapping') return false;
  const applied = applyProfiles(root, [{ name: String(profile.name), node }]);
  if (applied.problems.length > 0) return false;
  const result = toData(applied.root) as Data;
  return isValid(result) && isDeepStrictEqual(toMeaning(result), toMeaning(after));
}

const isValid = (document: Data): boolean =>
  checkStrict(newestVersion, document).every(({ severity }) => severity !== 'error');

/** What a document of the newest version says, however it is written. */
function toMeaning(document: Data): Data {
  const { model } = upgradeToNewest(newestVersion, document, () => {});
  return { ...toPrintShape(model), vars: model.vars };
}
