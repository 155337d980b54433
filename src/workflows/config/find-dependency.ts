import { type LoadedDependency, loadDependencies } from '../../config/dependencies.ts';
import type { LoadedProject } from '../../config/loaded-project.ts';
import { toSuggestion } from '../../config/schema/suggestion.ts';
import type { LoadOptions } from '../../config/session.ts';
import { UserError } from '../../core/errors.ts';
import { type ProjectOptions, toLoadOptions } from '../project.ts';
import type { Tools } from '../tools.ts';

/** The project of a dependency; `a.b` is the dependency `b` of `a`. An unknown name is `USAGE`. */
export async function findDependency(
  project: LoadedProject,
  names: string,
  { options, tools }: { readonly options: ProjectOptions; readonly tools: Tools },
): Promise<LoadedProject> {
  const wish: LoadOptions = { ...toLoadOptions(options, tools), scripts: 'filled' };
  let known: readonly LoadedDependency[] = await loadDependencies(project, wish, (message) => tools.log.warn(message));
  let found: LoadedProject = project;
  for (const name of names.split('.')) {
    const dependency = known.find((candidate) => candidate.name === name);
    if (!dependency) throw unknownDependency(name, known);
    found = dependency.project;
    known = dependency.dependencies;
  }
  for (const warning of found.warnings) tools.log.warn(warning);
  return found;
}

function unknownDependency(name: string, dependencies: readonly LoadedDependency[]): UserError {
  const names = dependencies.map((dependency) => dependency.name);
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? 'There are no dependencies.' : `Dependencies: ${names.join(', ')}.`;
  return new UserError('USAGE', `There is no dependency ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
