import { UserError } from '../core/errors.ts';
import type { LoadedProject } from './loaded-project.ts';
import { toSuggestion } from './schema/suggestion.ts';

/** Saves which profile counts when the command line names none; nothing resets it. The caller saves the state. */
export function useProfile(project: LoadedProject, name: string | undefined): void {
  const names = project.profiles.map((profile) => profile.name);
  if (name !== undefined && !names.includes(name)) throw unknown('profile', name, names);
  project.state.useProfile(name);
}

/** Saves which configuration of `devspace-configs.yaml` counts. The caller saves the state. */
export function useConfig(project: Pick<LoadedProject, 'state' | 'namedConfigs'>, name: string): void {
  if (!project.namedConfigs.includes(name)) throw unknown('configuration', name, project.namedConfigs);
  project.state.useConfig(name);
}

function unknown(what: string, name: string, names: readonly string[]): UserError {
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? `The project has no ${what}s.` : `There are: ${names.join(', ')}.`;
  return new UserError('CONFIG_PROFILE', `There is no ${what} ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
