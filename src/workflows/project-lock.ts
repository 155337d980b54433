import path from 'node:path';
import { takeLock } from '../core/lock-file.ts';
import { makeProjectFolder } from '../core/project-folder.ts';

/**
 * Takes the project for this process. Rejects with `PROJECT_LOCKED` if another `devspace dev` runs in it; a lock whose
 * process is gone is replaced. Dispose it to give the project back.
 */
export function lockProject(projectRoot: string): AsyncDisposable {
  return takeLock(path.join(makeProjectFolder(projectRoot), 'dev.lock'), (holder) => ({
    message: `\`devspace dev\` already runs in this project${holder}.`,
    hint: 'Open a further terminal with `devspace enter`, or stop the other one first.',
  }));
}
