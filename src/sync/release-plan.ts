import { UserError } from '../core/errors.ts';
import { selectBrake } from './brakes.ts';
import type { SyncPlan } from './plan.ts';
import type { TransferContext } from './transfers.ts';

/** Asks whether so many files may be deleted; `later` if a person is there but cannot be asked at the moment. */
export type ConfirmDeletes = (question: string) => Promise<'yes' | 'no' | 'later' | 'nobody'>;

export interface ReleaseOptions {
  /** The first decision without knowledge from earlier, whose strategy may say what is deleted. */
  readonly isFirst: boolean;
  readonly confirm: ConfirmDeletes;
}

/**
 * The plan without what a person did not allow. Rejects with `SYNC_HALTED` where one side lost everything, or much and
 * nobody can be asked.
 */
export async function releasePlan(
  plan: SyncPlan,
  { memory, view, config, problem }: TransferContext,
  { isFirst, confirm }: ReleaseOptions,
): Promise<SyncPlan> {
  // what the first synchronisation deletes in the container is what its strategy says
  const looked = isFirst ? { ...plan, deleteContainer: [] } : plan;
  const brake = selectBrake(looked, isFirst ? view.local.entries.size : memory.agreed.size);
  if (brake.kind === 'none') return plan;
  const folder = config.localPath;
  if (brake.kind === 'halt') {
    throw new UserError('SYNC_HALTED', `Synchronisation of ${folder} halted: ${brake.reason}. Nothing was deleted.`);
  }
  const { count, side } = brake;
  const [where, cause] = side === 'local' ? [folder, 'in the container'] : ['the container', 'here'];
  const told = `${count} paths of ${folder} were deleted ${cause} at once`;
  const answer = await confirm(`${told}. Delete them in ${where} too?`);
  if (answer === 'yes') return plan;
  if (answer === 'nobody') {
    throw new UserError('SYNC_HALTED', `${told}. They were not deleted in ${where}, as nobody can be asked.`, {
      hint: `If it was meant, delete them in ${where} too, or start again in a terminal.`,
    });
  }
  const held = side === 'local' ? plan.deleteLocal : plan.deleteContainer;
  for (const name of held) {
    if (answer === 'later')
      problem(name, `was deleted ${cause} with ${count - 1} others; it stays until you start again and are asked`);
    else {
      // it comes back from the other side
      memory.agreed.delete(name);
      view.dirty.add(name);
    }
  }
  return side === 'local' ? { ...plan, deleteLocal: [] } : { ...plan, deleteContainer: [] };
}
