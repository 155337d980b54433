import { UserError } from '../../core/errors.ts';
import { toPlace } from '../document/source.ts';
import type { LoadedProject } from '../loaded-project.ts';
import { toSuggestion } from '../schema/suggestion.ts';
import type { ProjectState } from '../state/state.ts';
import type { Definition } from './definition.ts';
import { usedVariables } from './fill.ts';
import { invalidAnswer } from './prompt.ts';
import type { VariableOrigin } from './resolver.ts';

export const secretMask = '***';

/** A variable as `devspace list vars` shows it. */
export interface ListedVariable {
  readonly name: string;
  /** Masked for secrets; absent when nothing needed the variable in this run and no answer is saved. */
  readonly value?: string;
  readonly origin?: VariableOrigin;
  /** Line of the definition; absent for predefined and undefined variables. */
  readonly line?: number;
  /** The keys that use it, such as `images.app.tags.0`. */
  readonly usedBy: readonly string[];
}

/** All variables that the file defines or uses, by name. Nothing is asked and no command is run for it. */
export function listVariables(project: LoadedProject): ListedVariable[] {
  const { resolver, state, stages } = project;
  const used = usedVariables(stages.profiles, resolver, (path) => !/^\/(vars|profiles)\//.test(path));
  const names = new Set([...resolver.definitions.keys(), ...used.keys()]);
  return [...names].sort().flatMap((name) => {
    const definition = resolver.definitions.get(name);
    const found = resolver.resolved.get(name);
    if (!definition && !found && !/^[\w.-]+$/.test(name)) return [];
    const saved = state.answers.get(name);
    const isSecret = found?.isSecret ?? definition?.isPassword ?? false;
    const value = found ? String(found.value ?? '') : saved;
    const origin = found?.origin ?? (saved === undefined ? undefined : 'saved answer');
    return {
      name,
      ...(value === undefined ? {} : { value: isSecret ? secretMask : value }),
      ...(origin === undefined ? {} : { origin }),
      ...(definition ? { line: toPlace(definition.span).line } : {}),
      usedBy: (used.get(name) ?? []).map((path) => path.slice(1).replaceAll('/', '.')),
    };
  });
}

/**
 * Saves an answer for a variable of the file, as if it had been asked for. The value must fit the definition's options
 * and pattern. The caller saves the state.
 */
export function setVariable(project: LoadedProject, name: string, value: string): void {
  const definition = project.resolver.definitions.get(name);
  if (!definition) throw unknownVariable(name, project.resolver.definitions);
  const wrong = invalidAnswer(definition, value);
  if (wrong !== undefined) throw new UserError('USAGE', `${name} cannot be set: ${wrong}`);
  project.state.answers.keep(name, value, definition.isPassword ? 'secret' : 'plain');
}

/** Forgets saved answers: the given names, or all. Gives what was forgotten. The caller saves the state. */
export function resetVariables(state: ProjectState, names: readonly string[]): string[] {
  const known = state.names;
  const wanted = names.length === 0 ? known : names;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const hint = known.length === 0 ? 'No answers are saved.' : `Saved answers: ${known.join(', ')}.`;
    throw new UserError('USAGE', `No answer is saved for ${unknown}`, { hint });
  }
  state.forget(wanted);
  return [...wanted];
}

function unknownVariable(name: string, definitions: ReadonlyMap<string, Definition>): UserError {
  const names = [...definitions.keys()];
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? 'The file defines none.' : `Variables: ${names.join(', ')}.`;
  return new UserError('USAGE', `The file defines no variable ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
