import { rm } from 'node:fs/promises';
import { systemErrorCode } from '../../core/errors.ts';
import { runTool } from './tool.ts';

/** Removes a folder that containers wrote to: they may have left folders that even their owner may not read. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(systemErrorCode(error) ?? '')) throw error;
    await runTool('sh', ['-c', 'chmod -R u+rwx -- "$1" 2>/dev/null; rm -rf -- "$1"', 'sh', folder]);
  }
}
