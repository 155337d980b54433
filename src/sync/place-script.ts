import { batches, quote, quotePaths } from './quote.ts';
import { folderOf, parentsFirst, type TreeEntry } from './tree.ts';

/** A staged path and what the container is thought to have in its place. */
export interface Placing {
  readonly name: string;
  readonly type: TreeEntry['type'];
  /** Absent: nothing is there. */
  readonly before: TreeEntry | undefined;
}

/** One command line holds this many paths, and so many bytes of them. */
const batchLimits = { most: 250, bytes: 24 * 1024 };

/**
 * Requests that move staged paths to their places: only where the container still has what `before` says, so that an
 * edit which nobody has seen yet is never written over. All at once if all fits, which takes one process for each
 * folder; else one by one. A folder that is missing is moved with everything below it. Each answers with the records
 * of what is there afterwards, and with lines `//kept ./name//` for what could not be moved.
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
  const moves = [...created, ...replaced];
  const folders = placings.filter(({ type, before }) => type === 'directory' && before?.type !== 'directory');
  return [
    'cd -- "$root" || exit 1',
    `s=${quote(stage)}`,
    // a stage that somebody took away is no sign that its files were moved
    `missing ${quotePaths(namesOf(placings))}`,
    ...swapped.map((one) => `swap ${oneWords(one)}`),
    ...(moves.length === 0
      ? []
      : [
          `if absent ${quotePaths(namesOf(created))} && fits ${quote(replaced.map(fingerprintOf).join('\n'))} ${quotePaths(namesOf(replaced))}; then`,
          ...[...groupByFolder(moves)].map(([folder, names]) => `mv -f -- ${names.join(' ')} ${quote(`./${folder}`)}`),
          'else',
          ...moves.map((one) => `one ${oneWords(one)}`),
          'fi',
        ]),
    `kept ${quotePaths(namesOf(placings))}`,
    `left ${quotePaths(namesOf(placings))}`,
    ...folders.map(({ name }) => `find_in ${quote(`./${name}`)}`),
    ':',
  ].join('\n');
}

const namesOf = (placings: readonly Placing[]): string[] => placings.map(({ name }) => name);

const fingerprintOf = ({ before }: Placing): string =>
  before && before.type !== 'directory' ? before.fingerprint : '';

const oneWords = (placing: Placing): string => `${quote(fingerprintOf(placing))} "$s" ${quote(`./${placing.name}`)}`;

/** Staged paths as words, by the folder in which they belong, which ends with a slash unless it is the root. */
function groupByFolder(placings: readonly Placing[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name } of placings) {
    const folder = folderOf(name) === '' ? '' : `${folderOf(name)}/`;
    const words = groups.get(folder) ?? [];
    words.push(`"$s"/${quote(`./${name}`)}`);
    groups.set(folder, words);
  }
  return groups;
}

/**
 * Requests that delete paths, children first: files only as long as they are what `seen` says, since an edit beats a
 * delete; folders only when they are empty. Each answers with the records of what is still there.
 */
export function deleteScripts(names: readonly string[], seen: (name: string) => TreeEntry | undefined): string[] {
  return [...batches(names, batchLimits)].map((batch) => {
    const files = batch.filter((name) => seen(name)?.type !== 'directory');
    const folders = batch.filter((name) => seen(name)?.type === 'directory');
    const print = (name: string) => quote(seen(name)?.fingerprint ?? '');
    const want = quote(files.map((name) => seen(name)?.fingerprint ?? '').join('\n'));
    return [
      'cd -- "$root" || exit 1',
      ...(files.length === 0
        ? []
        : [
            `if fits ${want} ${quotePaths(files)}; then rm -f -- ${quotePaths(files)}; else`,
            ...files.map((name) => `remove ${print(name)} ${quote(`./${name}`)}`),
            'fi',
          ]),
      ...(folders.length === 0 ? [] : [`rmdir -- ${quotePaths(folders)} 2>/dev/null`]),
      `left ${quotePaths(batch)}`,
    ].join('\n');
  });
}
