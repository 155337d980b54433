import { type LoadedDependency, loadDependencies } from '../config/dependencies.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { LoadedProject } from '../config/loaded-project.ts';
import { checkRequirements } from '../config/require.ts';
import type { ProjectState } from '../config/state/state.ts';
import type { ResolvedConfig } from '../config/types.ts';
import { compatibleVersion } from './compatible-version.ts';
import { ignoredSettings } from './ignored-settings.ts';
import type { KubeChoice, Tools } from './tools.ts';

/** A loaded project: its configuration, its folder and where it goes. */
export interface Project {
  /** As the configuration names it, else its folder. */
  readonly name: string;
  readonly config: ResolvedConfig;
  /** Absolute; the folder of the configuration file. */
  readonly root: string;
  readonly kubeChoice: KubeChoice;
  readonly state: Pick<ProjectState, 'lastContext' | 'rememberContext' | 'save'>;
  /** The projects that must be deployed before this one, each once. They are fetched and loaded when this is called. */
  dependencies(): Promise<readonly DependencyProject[]>;
}

export interface DependencyProject {
  /** The key under `dependencies`. */
  readonly name: string;
  readonly project: Project;
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
  const kubeChoice = {
    context: options.kube.context ?? loaded.kubeContext,
    namespace: options.kube.namespace ?? loaded.namespace,
  };
  const warn = (message: string) => tools.log.warn(message);
  return {
    name: loaded.projectName,
    config: loaded.config,
    root: loaded.config.projectRoot,
    kubeChoice,
    state: loaded.state,
    async dependencies() {
      const found = await loadDependencies(loaded, toLoadOptions(options, tools), warn);
      for (const dependency of flatten(found)) tell(dependency.project, tools);
      return planDependencies(found, kubeChoice, warn);
    },
  };
}

/**
 * Pure: all dependencies in the order in which they are deployed, what one needs before itself. Of several with one
 * name the first counts. They go where the project goes, unless the file names another namespace for one.
 */
export function planDependencies(
  found: readonly LoadedDependency[],
  kubeChoice: KubeChoice,
  warn: (message: string) => void,
): DependencyProject[] {
  const planned = new Map<string, DependencyProject>();
  const visit = ({ name, project, namespace, dependencies }: LoadedDependency): void => {
    const known = planned.get(name);
    if (known) {
      const { root } = known.project;
      if (root === project.config.projectRoot) return;
      return warn(`Two dependencies are named ${name}; the one in ${root} is used for both`);
    }
    dependencies.forEach(visit);
    planned.set(name, {
      name,
      project: {
        name: project.projectName,
        config: project.config,
        root: project.config.projectRoot,
        kubeChoice: { ...kubeChoice, ...(namespace === undefined ? {} : { namespace }) },
        state: forgetful,
        dependencies: async () => [],
      },
    });
  };
  found.forEach(visit);
  return [...planned.values()];
}

/** The project that needs a dependency remembers for it. */
const forgetful: Project['state'] = { lastContext: undefined, rememberContext: () => {}, save: async () => {} };

/** What a command wants of the loader beyond the global flags. */
export type LoadWish = Pick<LoadOptions, 'sections' | 'scripts' | 'savedProfile'>;

/**
 * Loads the configuration with everything that was found out about it, says its warnings, keeps its passwords out of
 * all further messages, and compares `require` with what is installed.
 */
export async function loadConfiguration(options: ProjectOptions, wish: LoadWish, tools: Tools): Promise<LoadedProject> {
  const loaded = await loadConfig({ ...toLoadOptions(options, tools), ...wish });
  tell(loaded, tools);
  tools.log.debug(`Loaded ${loaded.path} (${loaded.config.version})`);
  const { signal } = options;
  const warnings = await checkRequirements(loaded, { devspaceVersion: compatibleVersion, signal });
  for (const warning of warnings) tools.log.warn(warning);
  return loaded;
}

/** Says the warnings of a configuration, and keeps its passwords out of all further messages. */
function tell(loaded: LoadedProject, tools: Tools): void {
  for (const { value, isSecret } of loaded.resolver.resolved.values()) {
    if (isSecret) tools.redactor.add(String(value ?? ''));
  }
  for (const warning of loaded.warnings) tools.log.warn(warning);
}

const flatten = (dependencies: readonly LoadedDependency[]): LoadedDependency[] =>
  dependencies.flatMap((dependency) => [dependency, ...flatten(dependency.dependencies)]);

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
