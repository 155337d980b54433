import path from 'node:path';
import type { ConfirmDeletes } from '../sync/release-plan.ts';
import type { Run } from './tools.ts';

/** Where a project keeps what its synchronisations know from earlier runs, and what they did. */
export const syncFiles = (root: string) => ({
  stateFolder: path.join(root, '.devspace', 'sync'),
  logFile: path.join(root, '.devspace', 'logs', 'sync.log'),
});

/** Asks the human whether so many files may be deleted. */
export async function confirmDeletes(
  question: string,
  run: Pick<Run, 'prompt' | 'signal'>,
): ReturnType<ConfirmDeletes> {
  if (!run.prompt) return 'nobody';
  const asked = { name: 'delete', text: question, default: 'no', options: ['no', 'yes'], isPassword: false };
  const answer = await run.prompt.ask({ ...asked, validate: () => undefined }, run.signal);
  return answer === 'yes' ? 'yes' : 'no';
}
