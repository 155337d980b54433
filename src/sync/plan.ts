import type { InitialSync } from '../config/types.ts';
import { isWithin, parentsFirst, type Tree, type TreeEntry } from './tree.ts';

/** What both sides had when they were equal last, each in the words of its own side. */
export interface Agreement {
  readonly local: string;
  readonly container: string;
}

/** The strategy of the first synchronisation; afterwards nothing may be lost that appears on both sides at once. */
export type UnknownRule = InitialSync | 'keepBoth';

export interface PlanInput {
  readonly local: Tree;
  readonly container: Tree;
  readonly agreed: ReadonlyMap<string, Agreement>;
  /** What is to be decided; of the other paths nothing has changed. */
  readonly paths: Iterable<string>;
  /** What holds for a path without a common earlier state. */
  unknown(name: string): UnknownRule;
  /** What makes two files of the same size equal at the first synchronisation. */
  readonly compareBy: 'mtime' | 'size';
  /** Which side is kept when both were edited; the other version is saved apart. */
  readonly conflictWinner: 'local' | 'container';
}

export interface SyncPlan {
  /** Parents before children. */
  readonly upload: readonly string[];
  readonly download: readonly string[];
  /** Children before parents. */
  readonly deleteLocal: readonly string[];
  readonly deleteContainer: readonly string[];
  /** Equal on both sides without any transfer. */
  readonly agree: readonly string[];
  /** Gone on both sides. */
  readonly forget: readonly string[];
  /** Edited on both sides: among `upload` or `download`, and the other version is to be saved before. */
  readonly conflicts: readonly string[];
  /** A folder on one side and something else on the other: left alone. */
  readonly blocked: readonly string[];
}

type Action = 'upload' | 'download' | 'deleteLocal' | 'deleteContainer' | 'agree' | 'forget' | 'conflict' | 'nothing';

/** Decides by three-way comparison: each side is compared with its own earlier state only. An edit beats a delete. */
export function planSync(input: PlanInput): SyncPlan {
  const { local, container, agreed, conflictWinner } = input;
  const actions = new Map<Action, string[]>();
  for (const path of input.paths) {
    const [here, there, before] = [local.get(path), container.get(path), agreed.get(path)];
    const action = before ? decide(here, there, before) : decideFirst(input.unknown(path), { here, there, input });
    const paths = actions.get(action);
    if (paths) paths.push(path);
    else actions.set(action, [path]);
  }
  const all = (action: Action): string[] => actions.get(action) ?? [];
  const isFolder = (path: string) => local.get(path)?.type === 'directory' || container.get(path)?.type === 'directory';
  // a folder on one side and a file on the other is left alone: replacing either would delete what only it has
  const blocked = new Set([
    ...all('conflict').filter(isFolder),
    ...foldersInTheWay(all('upload'), { from: local, to: container, deleted: all('deleteContainer') }),
    ...foldersInTheWay(all('download'), { from: container, to: local, deleted: all('deleteLocal') }),
  ]);
  const of = (...wanted: Action[]): string[] =>
    wanted
      .flatMap(all)
      .filter((path) => !isWithin(path, blocked))
      .sort(parentsFirst);
  const conflicts = of('conflict');
  return {
    upload: conflictWinner === 'local' ? of('upload', 'conflict') : of('upload'),
    download: conflictWinner === 'container' ? of('download', 'conflict') : of('download'),
    deleteLocal: of('deleteLocal').reverse(),
    deleteContainer: of('deleteContainer').reverse(),
    agree: of('agree'),
    forget: all('forget').sort(parentsFirst),
    conflicts,
    blocked: [...blocked].sort(parentsFirst),
  };
}

/** Folders that should become files, but hold something that the other side does not have. */
function foldersInTheWay(
  copied: readonly string[],
  { from, to, deleted }: { readonly from: Tree; readonly to: Tree; readonly deleted: readonly string[] },
): string[] {
  const replaced = copied.filter((path) => to.get(path)?.type === 'directory' && from.get(path)?.type !== 'directory');
  if (replaced.length === 0) return [];
  const goes = new Set(deleted);
  const kept = [...to.keys()].filter((path) => !goes.has(path));
  return replaced.filter((folder) => kept.some((path) => path.startsWith(`${folder}/`)));
}

function decide(local: TreeEntry | undefined, container: TreeEntry | undefined, agreed: Agreement): Action {
  const localChanged = local?.fingerprint !== agreed.local;
  const containerChanged = container?.fingerprint !== agreed.container;
  if (!local && !container) return 'forget';
  if (!localChanged && !containerChanged) return 'nothing';
  if (localChanged && containerChanged) {
    if (!local) return 'download';
    if (!container) return 'upload';
    return local.type === 'directory' && container.type === 'directory' ? 'agree' : 'conflict';
  }
  if (localChanged) return local ? 'upload' : 'deleteContainer';
  return container ? 'download' : 'deleteLocal';
}

interface Unknown {
  readonly here: TreeEntry | undefined;
  readonly there: TreeEntry | undefined;
  readonly input: PlanInput;
}

/** A path of which no common earlier state is known. */
function decideFirst(rule: UnknownRule, { here, there, input }: Unknown): Action {
  if (!here && !there) return 'forget';
  if (rule === 'disabled') return here && there ? 'agree' : 'nothing';
  if (!there) return rule === 'mirrorRemote' ? 'deleteLocal' : 'upload';
  if (!here) return rule === 'mirrorLocal' ? 'deleteContainer' : 'download';
  if (here.type === 'directory' || there.type === 'directory') return here.type === there.type ? 'agree' : 'conflict';
  if (rule === 'keepBoth') return 'conflict';
  if (here.type === there.type && isSame(here, there, input)) return 'agree';
  switch (rule) {
    case 'mirrorLocal':
    case 'preferLocal':
      return 'upload';
    case 'mirrorRemote':
    case 'preferRemote':
      return 'download';
    case 'preferNewest':
      return here.mtime === there.mtime ? 'agree' : here.mtime > there.mtime ? 'upload' : 'download';
    case 'newestLocal':
      return here.type === 'file' && here.mtime > there.mtime ? 'upload' : 'agree';
    case 'keepAll':
      return 'agree';
  }
}

/** The only comparison of one side with the other: both times come from one machine where a file was copied. */
const isSame = (here: TreeEntry, there: TreeEntry, { compareBy }: PlanInput): boolean =>
  here.size === there.size && (compareBy === 'size' || here.mtime === there.mtime);
