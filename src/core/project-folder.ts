import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes the folder `.devspace`, in which a project keeps what it remembers, and hides it from git: nobody wants to see
 * it in `git status`. A folder that is there already is left as it is, since some projects keep files of theirs in it.
 * Returns its path.
 */
export function makeProjectFolder(projectRoot: string): string {
  const folder = path.join(projectRoot, '.devspace');
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, '.gitignore'), '*\n');
  return folder;
}
