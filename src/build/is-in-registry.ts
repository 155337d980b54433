import { UserError } from '../core/errors.ts';
import type { BuildRun } from './build-run.ts';
import { useCredentials } from './registry-auth.ts';

/** Whether the registry has `repository:tag`. The engine asks it; without an engine nobody can tell, and it is `false`. */
export async function isInRegistry(name: string, run: BuildRun): Promise<boolean> {
  try {
    return await run.docker.isPushed(name, await useCredentials(name, run), run.signal);
  } catch (error) {
    if (error instanceof UserError && error.code === 'DOCKER_UNREACHABLE') return false;
    throw error;
  }
}
