import { isDeepStrictEqual } from 'node:util';
import { isData } from '../versions/data.ts';
import type { Data } from '../versions/version.ts';

/** What a profile of the newest version says to lead from one document to another. */
export interface ProfileChanges {
  readonly merge: Data;
  readonly patches: readonly ProfilePatch[];
}

interface ProfilePatch {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * The changes from one document to the other. Maps are merged. What is added to a list, or changes inside it, becomes a
 * patch, so that several profiles can add to the same list.
 */
export function toProfileChanges(before: Data, after: Data): ProfileChanges {
  const patches: ProfilePatch[] = [];
  const merge: Record<string, unknown> = {};
  for (const section of keysOf(before, after)) {
    if (isDeepStrictEqual(before[section], after[section])) continue;
    if (mergedSections.includes(section) && after[section] !== undefined) {
      const { [section]: value } = diffEntry({ before, after, key: section, path: section, patches });
      if (value !== undefined) merge[section] = value;
    } else {
      patchEntry({ before, after, key: section, path: section, patches });
    }
  }
  return { merge, patches };
}

/** The sections that `merge` of a profile may have. `spec-config.md` 9.7 of the reference. */
const mergedSections = [
  'vars',
  'pullSecrets',
  'images',
  'deployments',
  'dev',
  'commands',
  'dependencies',
  'hooks',
] as readonly string[];

interface Entry {
  readonly before: Data;
  readonly after: Data;
  readonly key: string;
  /** Of the entry itself. */
  readonly path: string;
  readonly patches: ProfilePatch[];
}

/** What `merge` has to say about one key: a map with that key, or nothing. Lists that grow are left to patches. */
function diffEntry({ before, after, key, path, patches }: Entry): Data {
  const [old, wanted] = [before[key], after[key]];
  if (wanted === undefined) return { [key]: null };
  if (isData(old) && isData(wanted)) {
    const changes: Record<string, unknown> = {};
    for (const name of keysOf(old, wanted)) {
      if (isDeepStrictEqual(old[name], wanted[name])) continue;
      Object.assign(changes, diffEntry({ before: old, after: wanted, key: name, path: join(path, name), patches }));
    }
    return Object.keys(changes).length > 0 ? { [key]: changes } : {};
  }
  if (Array.isArray(old) && Array.isArray(wanted) && patchList({ old, wanted, path, patches })) return {};
  if (!hasNull(wanted)) return { [key]: wanted };
  patches.push({ op: 'replace', path, value: wanted });
  return {};
}

/** The same by patches alone, for what `merge` cannot say and for what is inside of lists. */
function patchEntry({ before, after, key, path, patches }: Entry): void {
  const [old, wanted] = [before[key], after[key]];
  if (isDeepStrictEqual(old, wanted)) return;
  if (wanted === undefined) patches.push({ op: 'remove', path });
  else if (isData(old) && isData(wanted)) {
    for (const name of keysOf(old, wanted)) {
      patchEntry({ before: old, after: wanted, key: name, path: join(path, name), patches });
    }
  } else if (!Array.isArray(old) || !Array.isArray(wanted) || !patchList({ old, wanted, path, patches })) {
    patches.push({ op: 'replace', path, value: wanted });
  }
}

interface Lists {
  readonly old: readonly unknown[];
  readonly wanted: readonly unknown[];
  readonly path: string;
  readonly patches: ProfilePatch[];
}

/** Whether patches for single elements say it all: the list has grown at its end, or elements have changed. */
function patchList({ old, wanted, path, patches }: Lists): boolean {
  const hasGrown = wanted.length > old.length && isDeepStrictEqual(wanted.slice(0, old.length), old);
  if (hasGrown && old.length > 0 && !wanted.some(Array.isArray)) {
    for (const value of wanted.slice(old.length)) patches.push({ op: 'add', path, value });
    return true;
  }
  if (wanted.length !== old.length || !old.some((item, index) => isChangedMap(item, wanted[index]))) return false;
  for (const [index, item] of old.entries()) {
    const at = `${path}[${String(index)}]`;
    patchEntry({ before: { item }, after: { item: wanted[index] }, key: 'item', path: at, patches });
  }
  return true;
}

const isChangedMap = (old: unknown, wanted: unknown): boolean =>
  isData(old) && isData(wanted) && !isDeepStrictEqual(old, wanted);

/** Names with dots and the like stand in brackets. */
const join = (path: string, name: string): string =>
  /^[\w-]+$/.test(name) ? `${path}.${name}` : `${path}['${name.replaceAll("'", "\\'")}']`;

const keysOf = (one: Data, other: Data): string[] => [...new Set([...Object.keys(one), ...Object.keys(other)])];

/** In `merge`, null deletes: a value that holds one cannot be given there. */
function hasNull(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return false;
  return isData(value) && Object.values(value).some(hasNull);
}
