import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { LoadedProject } from '../config/loaded-project.ts';
import { checkRequirements } from '../config/require.ts';
import type { ResolvedConfig } from '../config/types.ts';
import { compatibleVersion } from './compatible-version.ts';
import { ignoredSettings } from './ignored-settings.ts';
import type { KubeChoice, Tools } from './tools.ts';

/** A loaded project: its configuration, its folder and where it goes. */
export interface Project {
  readonly config: ResolvedConfig;
  /** Absolute; the folder of the configuration file. */
  readonly root: string;
  readonly kubeChoice: KubeChoice;
}

/** What every command of a project takes from the command line. */
export interface ProjectOptions {
  readonly cwd: string;
  readonly configPath?: string | undefined;
  readonly profiles?: readonly string[] | undefined;
  readonly profileActivation?: 'enabled' | 'disabled' | undefined;
  readonly vars?: readonly string[] | undefined;
  readonly kube: KubeChoice;
  readonly signal: AbortSignal;
}

/** Loads the configuration of the folder. Flags win over what the file says about the cluster. */
export async function loadProject(options: ProjectOptions, tools: Tools): Promise<Project> {
  const loaded = await loadConfiguration(options, {}, tools);
  const ignored = ignoredSettings(loaded.model, loaded.config.version);
  if (ignored.length > 0) tools.log.warn(`These settings have no effect in this version: ${ignored.join(', ')}`);
  return {
    config: loaded.config,
    root: loaded.config.projectRoot,
    kubeChoice: {
      context: options.kube.context ?? loaded.kubeContext,
      namespace: options.kube.namespace ?? loaded.namespace,
    },
  };
}

/** What a command wants of the loader beyond the global flags. */
export type LoadWish = Pick<LoadOptions, 'sections' | 'scripts' | 'savedProfile'>;

/**
 * Loads the configuration with everything that was found out about it, says its warnings, keeps its passwords out of
 * all further messages, and compares `require` with what is installed.
 */
export async function loadConfiguration(options: ProjectOptions, wish: LoadWish, tools: Tools): Promise<LoadedProject> {
  const loaded = await loadConfig({ ...toLoadOptions(options, tools), ...wish });
  for (const { value, isSecret } of loaded.resolver.resolved.values()) {
    if (isSecret) tools.redactor.add(String(value ?? ''));
  }
  for (const warning of loaded.warnings) tools.log.warn(warning);
  tools.log.debug(`Loaded ${loaded.path} (${loaded.config.version})`);
  const { signal } = options;
  const warnings = await checkRequirements(loaded, { devspaceVersion: compatibleVersion, signal });
  for (const warning of warnings) tools.log.warn(warning);
  return loaded;
}

/** The options of the configuration's loader; cluster facts are looked up only if a variable asks for them. */
export function toLoadOptions(options: ProjectOptions, tools: Tools): LoadOptions {
  const { cwd, configPath, profiles, profileActivation, vars, kube, signal } = options;
  return {
    cwd,
    configPath,
    profiles,
    profileActivation,
    vars,
    env: tools.env,
    prompt: tools.prompt,
    facts: {
      explicit: {
        ...(kube.context === undefined ? {} : { kubeContext: kube.context }),
        ...(kube.namespace === undefined ? {} : { namespace: kube.namespace }),
      },
      kubeContext: async () => (await tools.kube(kube)).context,
      namespace: async () => (await tools.kube(kube)).namespace,
      version: compatibleVersion,
    },
    signal,
  };
}
