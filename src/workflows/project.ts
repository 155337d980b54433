import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/types.ts';
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
  readonly vars?: readonly string[] | undefined;
  readonly kube: KubeChoice;
  readonly signal: AbortSignal;
}

/** Loads the configuration of the folder. Flags win over what the file says about the cluster. */
export async function loadProject(options: ProjectOptions, tools: Tools): Promise<Project> {
  const loaded = await loadConfig(toLoadOptions(options, tools));
  for (const warning of loaded.warnings) tools.log.warn(warning);
  tools.log.debug(`Loaded ${loaded.path} (${loaded.config.version})`);
  return {
    config: loaded.config,
    root: loaded.config.projectRoot,
    kubeChoice: {
      context: options.kube.context ?? loaded.kubeContext,
      namespace: options.kube.namespace ?? loaded.namespace,
    },
  };
}

/** The options of the configuration's loader; cluster facts are looked up only if a variable asks for them. */
export function toLoadOptions(options: ProjectOptions, tools: Tools): LoadOptions {
  const { cwd, configPath, profiles, vars, signal } = options;
  return {
    cwd,
    configPath,
    profiles,
    vars,
    env: tools.env,
    prompt: tools.prompt,
    facts: {
      kubeContext: async () => (await tools.kube(options.kube)).context,
      namespace: async () => (await tools.kube(options.kube)).namespace,
    },
    signal,
  };
}
