import path from 'node:path';
import type { HelmDeployment } from '../../config/types.ts';

/** The `helm` on the PATH, or the program that the deployment names: a path relative to the project. */
export function helmProgram({ legacy }: Pick<HelmDeployment, 'legacy'>, projectRoot: string): string {
  if (legacy.binary === undefined) return 'helm';
  return legacy.binary.includes('/') ? path.resolve(projectRoot, legacy.binary) : legacy.binary;
}
