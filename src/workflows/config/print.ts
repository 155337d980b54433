import { toData } from '../../config/document/node.ts';
import { type Explanation, explain } from '../../config/explain.ts';
import type { LoadedProject } from '../../config/loaded-project.ts';
import { type ListedVariable, listVariables } from '../../config/variables/variables.ts';
import { toPrintShape, withName } from '../../config/versions/model.ts';
import { loadConfiguration, type ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { findDependency } from './find-dependency.ts';
import { maskSecrets } from './mask-secrets.ts';

/**
 * The configuration on its way from the file to the engines: as written with its imports, after profiles, after
 * variables, in the newest version's shape, and complete with all defaults.
 */
export const stages = ['written', 'profiles', 'variables', 'upgraded', 'resolved'] as const;
export type Stage = (typeof stages)[number];

export interface PrintedConfig {
  /** Passwords are masked. */
  readonly data: unknown;
  /** Absolute path of the file. */
  readonly path: string;
  /** The variables that have a value or are used. */
  readonly variables: readonly ListedVariable[];
}

export interface PrintWish {
  readonly stage: Stage;
  /** Names with dots between: `a.b` is the dependency `b` of the dependency `a`. Absent: the project itself. */
  readonly dependency?: string | undefined;
}

/** The configuration as it is at a stage. `upgraded` is what the original's `devspace print` shows. */
export async function print(options: ProjectOptions, wish: PrintWish, tools: Tools): Promise<PrintedConfig> {
  const { stage, dependency } = wish;
  const own = await loadConfiguration(options, { scripts: 'filled' }, tools);
  const project = dependency === undefined ? own : await findDependency(own, dependency, { options, tools });
  const data = maskSecrets(dataAt(stage, project), project);
  return { data, path: project.path, variables: listVariables(project) };
}

/** Where the value of a key came from. A key that is not there is `USAGE`. */
export async function explainKey(options: ProjectOptions, key: string, tools: Tools): Promise<Explanation> {
  const project = await loadConfiguration(options, { scripts: 'filled' }, tools);
  const explanation = explain(project, key, options.cwd);
  return { ...explanation, value: maskSecrets(explanation.value, project) };
}

function dataAt(stage: Stage, project: LoadedProject): unknown {
  switch (stage) {
    case 'written':
      return toData(project.stages.written);
    case 'profiles':
      return toData(project.stages.profiles);
    case 'variables':
      return toData(project.stages.variables);
    case 'upgraded':
      return headFirst(toPrintShape(withName(project.model, project.config.projectRoot)));
    case 'resolved':
      return project.config;
  }
}

/** What the file is comes before what is in it. */
function headFirst(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const head = ['version', 'name'].filter((key) => Object.hasOwn(data, key));
  return { ...Object.fromEntries(head.map((key) => [key, data[key]])), ...data };
}
