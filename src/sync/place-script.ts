import { batches, quote, quotePaths } from './quote.ts';
import { folderOf, parentsFirst, type TreeEntry } from './tree.ts';

/** A staged path and what the container is thought to have in its place. */
export interface Placing {
  readonly name: string;
  readonly type: TreeEntry['type'];
  /** Absent: nothing is there. */
  readonly before: TreeEntry | undefined;
}

/** Where what is replaced by a stage lies until all of it is placed. */
const asideOf = (stage: string): string => `${stage}.old`;

/**
 * Ends a stage, or the folder aside of deletes. Nothing waits for it: on some disks it takes as long to free thousands of
 * files as to place them.
 */
export const clearScript = (stage: string): string =>
  `rm -rf -- ${quote(stage)} ${quote(asideOf(stage))} </dev/null >/dev/null 2>&1 &`;

/** One command line holds this many paths, and so many bytes of them. */
const batchLimits = { most: 1_000, bytes: 64 * 1024 };

/**
 * Requests that move staged paths to their places: only where the container still has what `before` says, so that an
 * edit which nobody has seen yet is never written over. All at once if all fits, which takes a process or two for each
 * folder; else one by one. A folder that is missing is moved with everything below it. Each answers with the records
 * of what is there afterwards, and with lines `//kept ./name//` for what was not moved.
 *
 * A shell cannot look and move in one step, so what is replaced is linked aside before: if it was edited between the
 * look and the move, it is put back. Only who renames a file into the place in the millisecond in which `mv` starts
 * loses it.
 */
export function placeScripts(stage: string, placings: readonly Placing[]): string[] {
  const known = new Map(placings.map((placing) => [placing.name, placing]));
  const isNewFolder = (name: string): boolean => {
    const placing = known.get(name);
    return placing?.type === 'directory' && placing.before?.type !== 'directory';
  };
  const comesWithParent = (name: string): boolean => {
    for (let folder = folderOf(name); folder !== ''; folder = folderOf(folder)) if (isNewFolder(folder)) return true;
    return false;
  };
  const wanted = [...known.keys()].filter((name) => !comesWithParent(name)).sort(parentsFirst);
  return [...batches(wanted, batchLimits)].map((names) =>
    placeScript(
      stage,
      names.flatMap((name) => known.get(name) ?? []),
    ),
  );
}

function placeScript(stage: string, placings: readonly Placing[]): string {
  const changesKind = ({ before, type }: Placing) =>
    before !== undefined && (before.type === 'directory') !== (type === 'directory');
  const swapped = placings.filter(changesKind);
  const created = placings.filter(({ before }) => !before);
  const replaced = placings.filter((one) => one.before && one.type !== 'directory' && !changesKind(one));
  const folders = placings.filter(({ type, before }) => type === 'directory' && before?.type !== 'directory');
  return [
    'root_is_there',
    `s=${quote(stage)} o=${quote(asideOf(stage))}`,
    // a stage that somebody took away is no sign that its files were moved
    `missing ${quotePaths(namesOf(placings))}`,
    ...swapped.map((one) => `swap ${oneWords(one)}`),
    ...(created.length + replaced.length === 0 ? [] : moveAll(created, replaced)),
    `kept ${quotePaths(namesOf(placings))}`,
    `left ${quotePaths(namesOf(placings))}`,
    ...folders.map(({ name }) => `find_in ${quote(`./${name}`)}`),
  ].join('\n');
}

function moveAll(created: readonly Placing[], replaced: readonly Placing[]): string[] {
  const old = quotePaths(namesOf(replaced));
  const want = quote(replaced.map(fingerprintOf).join('\n'));
  return [
    `exact=$(exactly ${old})`,
    `if absent ${quotePaths(namesOf(created))} && fits ${want} ${old}; then`,
    ...setAside('ln', namesOf(replaced)),
    ...makeFolders(created),
    ...[...groupByFolder(namesOf(created))].map(([folder, names]) => `mv -n -- ${staged(names)} ${into(folder)}`),
    // no process is started between this look and the move, unless an overlay shows a file and its link as two
    ...[...groupByFolder(namesOf(replaced))].map(
      ([folder, names]) => `same ${quotePaths(names)} && mv -f -- ${staged(names)} ${into(folder)}`,
    ),
    ...(replaced.length === 0 ? [] : [`checked ${old}`]),
    'else',
    ...[...created, ...replaced].map((one) => `one ${oneWords(one)}`),
    'fi',
  ];
}

const into = (folder: string): string => quote(`./${folder === '' ? '' : `${folder}/`}`);

/** Takes files to the folder aside: `ln`, or `mv -f`, for each folder that they lie in. */
function setAside(command: 'ln' | 'mv -f', names: readonly string[]): string[] {
  const groups = [...groupByFolder(names)];
  const target = (folder: string) => `"$o"/${quote(folder)}`;
  if (groups.length === 0) return [];
  return [
    `mkdir -p -- ${groups.map(([folder]) => target(folder)).join(' ')}`,
    ...groups.map(([folder, inIt]) => `${command} -- ${quotePaths(inIt)} ${target(folder)} 2>/dev/null`),
  ];
}

/** A folder that was deleted there comes back with what was edited in it here. */
function makeFolders(created: readonly Placing[]): string[] {
  const folders = new Set(created.map(({ name }) => folderOf(name)).filter((folder) => folder !== ''));
  for (const { name, type } of created) if (type === 'directory') folders.delete(name);
  return folders.size === 0 ? [] : [`mkdir -p -- ${quotePaths([...folders])} 2>/dev/null`];
}

const namesOf = (placings: readonly Placing[]): string[] => placings.map(({ name }) => name);

const fingerprintOf = ({ before }: Placing): string =>
  before && before.type !== 'directory' ? before.fingerprint : '';

const oneWords = (placing: Placing): string => `${quote(fingerprintOf(placing))} ${quote(`./${placing.name}`)}`;

const staged = (names: readonly string[]): string => names.map((name) => `"$s"/${quote(`./${name}`)}`).join(' ');

/** Names by the folder in which they lie, which is `''` for the root. */
function groupByFolder(paths: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of paths) {
    const names = groups.get(folderOf(name));
    if (names) names.push(name);
    else groups.set(folderOf(name), [name]);
  }
  return groups;
}

/**
 * Requests that delete paths, children first: files only as long as they are what `seen` says, since an edit beats a
 * delete; folders only when they are empty. A file is moved aside first, so that an edit in the moment of the move
 * is seen and comes back. Each answers with the records of what is still there.
 */
export function deleteScripts(
  stage: string,
  names: readonly string[],
  seen: (name: string) => TreeEntry | undefined,
): string[] {
  return [...batches(names, batchLimits)].map((batch) => {
    const files = batch.filter((name) => seen(name)?.type !== 'directory');
    const folders = batch.filter((name) => seen(name)?.type === 'directory');
    const print = (name: string) => quote(seen(name)?.fingerprint ?? '');
    const want = quote(files.map((name) => seen(name)?.fingerprint ?? '').join('\n'));
    return [
      'root_is_there',
      `s= o=${quote(asideOf(stage))}`,
      ...(files.length === 0
        ? []
        : [
            `exact=$(exactly ${quotePaths(files)})`,
            `if fits ${want} ${quotePaths(files)}; then`,
            ...setAside('mv -f', files),
            `checked ${quotePaths(files)}`,
            'else',
            ...files.map((name) => `remove ${print(name)} ${quote(`./${name}`)}`),
            'fi',
          ]),
      ...(folders.length === 0 ? [] : [`rmdir -- ${quotePaths(folders)} 2>/dev/null`]),
      `left ${quotePaths(batch)}`,
    ].join('\n');
  });
}
