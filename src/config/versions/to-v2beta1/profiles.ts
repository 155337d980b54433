import { changeItems, changeMap, isData, listAt, mapAt, mapOrNothing, only, textAt, without } from '../data.ts';
import { toSafeName } from '../names.ts';
import type { Data } from '../version.ts';
import { toSource } from './dependencies.ts';

/** Brings a document of the declared version to the newest. */
export type UpgradeDocument = (document: Data) => Data;

/**
 * The profiles of a document of the declared version, with their sections in the newest shape. Loading has no use for
 * them, because profiles are applied before the upgrade; `devspace update config` writes them. Strategic merges become
 * merges: the lists that they merge by name are maps now. Patches stay as they are written.
 */
export function toProfiles(data: Data, upgrade: UpgradeDocument): Data[] {
  return listAt(data, 'profiles').map((profile) => {
    const replace = mapOrNothing(profile, 'replace');
    const merges = ['merge', 'strategicMerge']
      .map((key) => mapOrNothing(profile, key))
      .filter((found) => found !== undefined);
    return {
      ...toDescription(profile),
      ...(replace ? { replace: toSections(replace, upgrade) } : {}),
      ...(merges.length > 0 ? { merge: toSections(mergedSections(merges), upgrade) } : {}),
    };
  });
}

/** What a profile says about itself, and its patches. The newest version has no patches that take a value from elsewhere. */
function toDescription(profile: Data): Data {
  const described = only(profile, 'name', 'description', 'parent', 'parents', 'activation', 'patches');
  const withParents = changeItems(described, 'parents', (parent) => changeMap(parent, 'source', toSource));
  return changeItems(withParents, 'patches', (patch) => without(patch, 'from'));
}

const mergedSections = (merges: readonly Data[]): Data => Object.assign({}, ...merges) as Data;

/** Each section as a document of its own, without what the upgrade adds to whole documents. */
function toSections(sections: Data, upgrade: UpgradeDocument): Data {
  const upgraded = upgrade(sections);
  const entries = Object.entries(sections).map(([name, section]): [string, unknown] => {
    if (section === null) return [name, null];
    const result = name === 'vars' ? without(mapAt(upgraded, name), 'DEVSPACE_ENV_FILE') : upgraded[name];
    return [name, isData(section) && isData(result) ? withDeletions(section, toPartial(name, result)) : result];
  });
  return Object.fromEntries(entries.filter(([, section]) => section !== undefined));
}

/** In a merge, `null` deletes the entry of that name. */
function withDeletions(section: Data, result: Data): Data {
  const deleted = Object.entries(section).filter(([, entry]) => entry === null);
  return { ...result, ...Object.fromEntries(deleted.map(([name]) => [toSafeName(name), null])) };
}

/** A part of an image does not decide about what it does not name. */
function toPartial(section: string, entries: Data): Data {
  if (section !== 'images') return entries;
  const images = Object.entries(entries).map(([name, image]): [string, unknown] => {
    const isDefault = isData(image) && textAt(image, 'rebuildStrategy') === 'default';
    return [name, isDefault ? without(image, 'rebuildStrategy', 'skipPush') : image];
  });
  return Object.fromEntries(images);
}
