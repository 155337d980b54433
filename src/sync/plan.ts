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
  const of = (action: Action): string[] => (actions.get(action) ?? []).sort(parentsFirst);
  // a folder on one side and a file on the other is left alone: replacing either would delete what only it has
  const replaceable = of('conflict').filter(
    (path) => local.get(path)?.type !== 'directory' && container.get(path)?.type !== 'directory',
  );
  return {
    upload: [...of('upload'), ...replaceable].sort(parentsFirst),
    download: of('download'),
    deleteLocal: of('deleteLocal').reverse(),
    deleteContainer: of('deleteContainer').reverse(),
    agree: of('agree'),
    forget: of('forget'),
    conflicts: of('conflict'),
  };
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
