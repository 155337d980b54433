import { parentsFirst, type Tree, type TreeEntry } from './tree.ts';

/** What both sides agreed on last. */
export type Agreed = ReadonlyMap<string, { readonly local: string; readonly container: string }>;

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
  /** Edited on both sides; the local version wins, unless one of them is a folder. */
  readonly conflicts: readonly string[];
}

type Action = 'upload' | 'download' | 'deleteLocal' | 'deleteContainer' | 'agree' | 'forget' | 'conflict' | 'nothing';

/**
 * Decides by three-way comparison: each side is compared with its own earlier state only. An edit beats a delete.
 * Without an earlier state the rule of v1beta2 holds (our reference, `spec-sync.md` section 5.1): the newer local file
 * is uploaded, what only one side has is copied, nothing is deleted.
 */
export function planSync(local: Tree, container: Tree, agreed: Agreed): SyncPlan {
  const actions = new Map<Action, string[]>();
  const add = (action: Action, path: string) => {
    const paths = actions.get(action);
    if (paths) paths.push(path);
    else actions.set(action, [path]);
  };
  for (const path of new Set([...local.keys(), ...container.keys(), ...agreed.keys()])) {
    add(decide(local.get(path), container.get(path), agreed.get(path)), path);
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
  return {
    upload: of('upload', 'conflict'),
    download: of('download'),
    deleteLocal: of('deleteLocal').reverse(),
    deleteContainer: of('deleteContainer').reverse(),
    agree: of('agree'),
    forget: all('forget').sort(parentsFirst),
    conflicts: [...new Set([...all('conflict'), ...blocked])].sort(parentsFirst),
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

/** Whether the path or one of its parents is among the others. */
function isWithin(path: string, others: ReadonlySet<string>): boolean {
  if (others.size === 0) return false;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (others.has(path.slice(0, end))) return true;
  }
  return false;
}

function decide(
  local: TreeEntry | undefined,
  container: TreeEntry | undefined,
  agreed: { readonly local: string; readonly container: string } | undefined,
): Action {
  if (!agreed) {
    if (!container) return 'upload';
    if (!local) return 'download';
    if (local.type !== container.type) return 'conflict';
    return local.type === 'file' && local.mtime > container.mtime ? 'upload' : 'agree';
  }
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

/**
 * The reason not to carry the plan out: one side lost everything at once, which is a lost volume or a wrong folder far
 * more often than a wish.
 */
export function reasonToHalt(plan: SyncPlan, agreed: Agreed): string | undefined {
  if (agreed.size < 2) return undefined;
  if (plan.deleteLocal.length === agreed.size) return 'the folder in the container is suddenly empty';
  if (plan.deleteContainer.length === agreed.size) return 'the local folder is suddenly empty';
  return undefined;
}
