import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Tools } from '../tools.ts';

/**
 * Which context each kubeconfig had before `devspace use context` changed it, in the user's DevSpace folder. A file that
 * cannot be read counts as empty.
 */
export interface PreviousContexts {
  get(kubeconfig: string): Promise<string | undefined>;
  /** `undefined` forgets it. */
  set(kubeconfig: string, context: string | undefined): Promise<void>;
}

export function previousContexts({ env }: Pick<Tools, 'env'>): PreviousContexts {
  const folder = path.join(env['HOME'] || env['USERPROFILE'] || homedir(), '.devspace');
  const file = path.join(folder, 'previous-contexts.json');
  return {
    get: async (kubeconfig) => (await read(file)).get(kubeconfig),
    async set(kubeconfig, context) {
      const known = await read(file);
      if (context === undefined) known.delete(kubeconfig);
      else known.set(kubeconfig, context);
      await mkdir(folder, { recursive: true });
      await writeFile(file, `${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`, { mode: 0o600 });
    },
  };
}

async function read(file: string): Promise<Map<string, string>> {
  try {
    const data: unknown = JSON.parse(await readFile(file, 'utf8'));
    const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}
