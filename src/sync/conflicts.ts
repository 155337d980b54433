import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { SavedConflict } from './memory.ts';
import type { SyncPlan } from './plan.ts';
import { saveContainerVersions, type TransferContext } from './transfers.ts';

/** So many conflicts are remembered for `devspace status sync`; the files stay until somebody deletes them. */
const remembered = 200;

/**
 * Saves the versions that are about to be overwritten: of files that were edited on both sides. What cannot be saved is
 * not overwritten. Returns what is safe.
 */
export async function saveLosers(plan: SyncPlan, folder: string, context: TransferContext): Promise<SavedConflict[]> {
  if (plan.conflicts.length === 0) return [];
  const at = new Date().toISOString();
  const target = path.join(folder, at.replaceAll(':', '-'));
  const ups = new Set(plan.upload);
  const losers = plan.conflicts.filter((name) => ups.has(name));
  const there = losers.length === 0 ? [] : await saveContainerVersions(losers, target, context);
  const here = plan.conflicts.filter((name) => !ups.has(name)).filter((name) => saveLocal(name, target, context));
  const saved = [
    ...there.map((name) => ({ name, winner: 'local' as const, savedTo: path.join(target, name), at })),
    ...here.map((name) => ({ name, winner: 'container' as const, savedTo: path.join(target, name), at })),
  ];
  for (const name of plan.conflicts) {
    if (!saved.some((one) => one.name === name)) context.problem(name, 'was edited on both sides and cannot be saved');
  }
  const { conflicts } = context.memory;
  conflicts.push(...saved);
  conflicts.splice(0, conflicts.length - remembered);
  return saved;
}

function saveLocal(name: string, target: string, { config, problem }: TransferContext): boolean {
  try {
    mkdirSync(path.dirname(path.join(target, name)), { recursive: true });
    cpSync(path.join(config.localPath, name), path.join(target, name), {
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
    return true;
  } catch (error) {
    problem(name, `was edited on both sides and cannot be saved (${String(error)})`);
    return false;
  }
}
