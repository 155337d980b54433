import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/errors.ts';

export interface FoundConfig {
  /** Absolute path of the file. */
  readonly path: string;
  /** `configs` for `devspace-configs.yaml`, which decides everything when it is there. */
  readonly kind: 'config' | 'configs';
}

export interface FindOptions {
  readonly cwd: string;
  /** From `--config`, else the environment variable DEVSPACE_CONFIG. With it nothing is searched. */
  readonly configPath?: string | undefined;
  /** The home folder is no project, whatever lies in it. */
  readonly home: string;
}

/**
 * Finds the configuration: in `cwd` or the nearest folder above it. `CONFIG_NOT_FOUND` when there is none.
 * `spec-config.md` 1 and 2.1 of the reference.
 */
export async function findConfig({ cwd, configPath, home }: FindOptions): Promise<FoundConfig> {
  if (configPath) {
    const file = path.resolve(cwd, configPath);
    if (await isFile(file)) return { path: file, kind: kindOf(file) };
    throw new UserError('CONFIG_NOT_FOUND', `There is no file ${file}`, {
      hint: 'Correct `--config` or the environment variable DEVSPACE_CONFIG.',
    });
  }
  for (const folder of folderAndAbove(path.resolve(cwd))) {
    if (folder === path.resolve(home)) continue;
    for (const name of candidates) {
      const file = path.join(folder, name);
      if (await isFile(file)) return { path: file, kind: kindOf(file) };
    }
  }
  throw new UserError('CONFIG_NOT_FOUND', `There is no devspace.yaml in ${cwd} or a folder above it`);
}

/** The names of all eras, the strongest first. */
const candidates = [
  'devspace-configs.yaml',
  'devspace.yaml',
  'devspace.yml',
  '.devspace/configs.yaml',
  '.devspace/config.yaml',
];

/** The folder that paths of the file are relative to: for the files in `.devspace` the folder above it. */
export function projectRootOf(file: string): string {
  const folder = path.dirname(file);
  return path.basename(folder) === '.devspace' ? path.dirname(folder) : folder;
}

function kindOf(file: string): FoundConfig['kind'] {
  return /(^|[/\\])(devspace-configs|\.devspace[/\\]configs)\.ya?ml$/.test(file) ? 'configs' : 'config';
}

function folderAndAbove(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...folderAndAbove(parent)];
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
