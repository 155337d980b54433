import { homedir } from 'node:os';
import path from 'node:path';
import { type FoundConfig, findConfig, projectRootOf } from './find.ts';
import { openState, type ProjectState } from './state/state.ts';
import type { RuntimeFacts } from './variables/predefined.ts';
import type { Prompt } from './variables/prompt.ts';

export interface LoadOptions {
  readonly cwd: string;
  /** From `--config`; else DEVSPACE_CONFIG of the environment; else the file is searched from `cwd` upwards. */
  readonly configPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From `--profile`; without any the one that `devspace use profile` saved. */
  readonly profiles?: readonly string[] | undefined;
  /** `ignored` for a project that another one needs: the choice of its own users does not count there. */
  readonly savedProfile?: 'used' | 'ignored' | undefined;
  /** From `--disable-profile-activation`. */
  readonly profileActivation?: 'enabled' | 'disabled' | undefined;
  /** `NAME=VALUE`, from `--var`. */
  readonly vars?: readonly string[] | undefined;
  /** Absent: never ask. */
  readonly prompt?: Prompt | undefined;
  /** Lazily asked, only when a variable needs them. */
  readonly facts?: RuntimeFacts | undefined;
  /** `kept`: the variables of scripts are left to their shell; `filled` as `devspace print` shows them. Default: kept. */
  readonly scripts?: 'kept' | 'filled' | undefined;
  /**
   * Only these sections are filled in, checked and understood, so that nothing is asked for what a command does not
   * need. Profiles, imports, `vars` and `require` count always. Absent: the whole file.
   */
  readonly sections?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** What is known before the file is read. */
export interface Session {
  readonly options: LoadOptions;
  readonly found: FoundConfig;
  readonly projectRoot: string;
  readonly home: string;
  /** The user's DevSpace folder: clones and keys. */
  readonly userFolder: string;
  readonly state: ProjectState;
  readonly warnings: string[];
}

export async function openSession(options: LoadOptions): Promise<Session> {
  options.signal.throwIfAborted();
  const { cwd, env } = options;
  const home = env.HOME || env.USERPROFILE || homedir();
  const found = await findConfig({ cwd, configPath: options.configPath || env.DEVSPACE_CONFIG, home });
  const projectRoot = projectRootOf(found.path);
  const userFolder = path.join(home, '.devspace');
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const state = await openState({ projectRoot, configPath: found.path, userFolder, warn });
  return { options, found, projectRoot, home, userFolder, state, warnings };
}

/** From the command line, else the saved one, which only older versions have. */
export function requestedProfiles({ options, state }: Session, fromFile: readonly string[]): readonly string[] {
  if (options.profiles && options.profiles.length > 0) return options.profiles;
  if (fromFile.length > 0 || options.savedProfile === 'ignored') return fromFile;
  return state.activeProfile === undefined ? [] : [state.activeProfile];
}
