import type { BuildRun } from './build-run.ts';
import { useCredentials } from './registry-auth.ts';

/** Whether the registry has `repository:tag`, asked with the login that Docker stored; `false` also if it does not tell. */
export async function isInRegistry(name: string, run: BuildRun): Promise<boolean> {
  return run.docker.isPushed(name, await useCredentials(name, run), run.signal);
}
