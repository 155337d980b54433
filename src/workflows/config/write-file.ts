import { randomBytes } from 'node:crypto';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { systemErrorCode, UserError } from '../../core/errors.ts';

/**
 * Replaces the text of a file at once: a reader sees the old or the new one. Its mode stays, and a link leads to the
 * same file as before. `CONFIG_EDIT` if it may not be written.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  let partial: string | undefined;
  try {
    const target = await realpath(file);
    const { mode } = await stat(target);
    partial = `${target}.${randomBytes(4).toString('hex')}.partial`;
    await writeFile(partial, text, { mode: 0o600, flag: 'wx' });
    await chmod(partial, mode & 0o777);
    await rename(partial, target);
  } catch (error) {
    if (partial !== undefined) await rm(partial, { force: true }).catch(() => {});
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new UserError('CONFIG_EDIT', `${file} cannot be written: ${code}`, {
      hint: 'Change its permissions, or those of its folder.',
      cause: error,
    });
  }
}
