import { execFile } from 'node:child_process';
import { errorText } from '../../core/errors.ts';
import { SandboxError } from './sandbox.ts';

/** Where the tools of util-linux and coreutils are looked for, whatever PATH says. */
export const toolPath = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

/** Names of the two tools that make and join namespaces, for `spawn` with `toolEnv`. */
export const namespaceTools = { join: 'nsenter', make: 'unshare' } as const;

/** Environment of our own helper processes: nothing of the user's, and mounting by the classic system call. */
export const toolEnv: Readonly<Record<string, string>> = {
  PATH: toolPath,
  LC_ALL: 'C',
  // the newer mount interface cuts options at 256 bytes, too short for a list of layers
  LIBMOUNT_FORCE_MOUNT2: 'always',
};

/** Runs a tool of this machine to its end; rejects with `SandboxError` `SETUP` and the tool's own words. */
export function runTool(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { env: toolEnv, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new SandboxError('SETUP', `${file}: ${stderr.trim() || errorText(error)}`, { cause: error }));
    });
  });
}
