import { cpSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readLocalEntry } from './local-tree.ts';
import type { SavedConflict } from './memory.ts';
import type { SyncPlan } from './plan.ts';
import { saveContainerVersions, type TransferContext } from './transfers.ts';
import type { Sighting } from './tree.ts';

/** So many conflicts are remembered for `devspace status sync`; the files stay until somebody deletes them. */
const remembered = 200;

export interface SavedLosers {
  readonly saved: readonly SavedConflict[];
  /** Paths that turned out to have the same content on both sides. */
  readonly same: readonly string[];
}

/**
 * Saves the versions that are about to be overwritten: of files that were edited on both sides. What cannot be saved is
 * not overwritten. Both sides may have got the same content, above all from us just before we were killed.
 */
export async function saveLosers(
  { plan, seen, folder }: { readonly plan: SyncPlan; readonly seen: Sighting; readonly folder: string },
  context: TransferContext,
): Promise<SavedLosers> {
  if (plan.conflicts.length === 0) return { saved: [], same: [] };
  const at = new Date().toISOString();
  const target = path.join(folder, at.replaceAll(':', '-'));
  const there = new Set(await saveContainerVersions(plan.conflicts, target, context));
  const same = plan.conflicts.filter(
    (name) => there.has(name) && hasSameContent(name, target, { seen, config: context.config }),
  );
  for (const name of same) rmSync(path.join(target, name), { force: true });

  const isSame = new Set(same);
  const ups = new Set(plan.upload);
  const saved: SavedConflict[] = [];
  for (const name of plan.conflicts) {
    if (isSame.has(name)) continue;
    const winner = ups.has(name) ? 'local' : 'container';
    const isSaved = winner === 'local' ? there.has(name) : saveLocal(name, target, context);
    if (isSaved) saved.push({ name, winner, savedTo: path.join(target, name), at });
    else context.problem(name, 'was edited on both sides and cannot be saved');
  }
  const { conflicts } = context.memory;
  conflicts.push(...saved);
  conflicts.splice(0, conflicts.length - remembered);
  return { saved, same };
}

function saveLocal(name: string, target: string, { config, problem }: TransferContext): boolean {
  const copy = path.join(target, name);
  try {
    rmSync(copy, { force: true });
    mkdirSync(path.dirname(copy), { recursive: true });
    cpSync(path.join(config.localPath, name), copy, { preserveTimestamps: true, verbatimSymlinks: true });
    return true;
  } catch (error) {
    problem(name, `was edited on both sides and cannot be saved (${String(error)})`);
    return false;
  }
}

/** Whether what was saved of the container is what is here, and what is here is still what was seen. */
function hasSameContent(
  name: string,
  target: string,
  { seen, config }: { readonly seen: Sighting } & Pick<TransferContext, 'config'>,
): boolean {
  const [here, there] = [seen.local.get(name), seen.container.get(name)];
  if (here?.type !== there?.type || here?.mode !== there?.mode) return false;
  const [file, copy] = [path.join(config.localPath, name), path.join(target, name)];
  try {
    const isEqual =
      here?.type === 'symlink'
        ? readlinkSync(file) === readlinkSync(copy)
        : lstatSync(file).size === lstatSync(copy).size && readFileSync(file).equals(readFileSync(copy));
    return isEqual && readLocalEntry(config.localPath, name)?.fingerprint === here?.fingerprint;
  } catch {
    return false;
  }
}
