import path from 'node:path';

/** Where a project keeps what its synchronisations know from earlier runs, and what they did. */
export const syncFiles = (root: string) => ({
  stateFolder: path.join(root, '.devspace', 'sync'),
  logFile: path.join(root, '.devspace', 'logs', 'sync.log'),
});
