import {
  type ListedVariable,
  listVariables as listOf,
  resetVariables,
  setVariable,
} from '../../config/variables/variables.ts';
import { UserError } from '../../core/errors.ts';
import { loadConfiguration, type ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeState } from './change-state.ts';

/**
 * All variables that the file defines or uses, with their values. Nothing is asked: one without a value is listed
 * without it, and a warning says why. Passwords are masked.
 */
export async function listVariables(options: ProjectOptions, tools: Tools): Promise<ListedVariable[]> {
  const project = await loadConfiguration(options, { sections: [] }, { ...tools, prompt: undefined });
  const { resolver } = project;
  const used = listOf(project).map(({ name }) => name);
  for (const name of new Set([...resolver.definitions.keys(), ...used])) {
    try {
      const found = await resolver.resolve(name);
      if (found?.isSecret) tools.redactor.add(String(found.value ?? ''));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'CONFIG_VARIABLE') throw error;
      tools.log.warn(error.message);
    }
  }
  return listOf(project);
}

export interface NewAnswers {
  /** Each `NAME=VALUE`. */
  readonly pairs: readonly string[];
  /** What happens to answers that are saved already. */
  readonly existing: 'replaced' | 'kept';
}

/** Saves answers, all or none: a wrong one is `USAGE` and nothing is saved. Gives the names of those saved and kept. */
export async function setVariables(
  { pairs, existing }: NewAnswers,
  options: ProjectOptions,
  tools: Tools,
): Promise<{ readonly saved: readonly string[]; readonly kept: readonly string[] }> {
  const given = pairs.map(toAnswer);
  // what is wrong with the state is told when it is changed
  const silent = { ...tools, log: { ...tools.log, warn: () => {} }, prompt: undefined };
  const project = await loadConfiguration(options, { sections: [] }, silent);
  let answers = given;
  await changeState(options, tools, {
    apply: (state) => {
      const known = state.names;
      answers = given.filter(({ name }) => existing === 'replaced' || !known.includes(name));
      for (const { name, value } of answers) setVariable({ ...project, state }, name, value);
    },
    isSaved: (state) => answers.every(({ name, value }) => state.answers.get(name) === value),
  });
  const saved = answers.map(({ name }) => name);
  return { saved, kept: given.map(({ name }) => name).filter((name) => !saved.includes(name)) };
}

/** Forgets saved answers: the named ones, or all. Works whatever is wrong with the file. Returns the names. */
export async function forgetVariables(
  names: readonly string[],
  options: ProjectOptions,
  tools: Tools,
): Promise<readonly string[]> {
  let forgotten: string[] = [];
  await changeState(options, tools, {
    apply: (state) => {
      forgotten = resetVariables(state, names);
    },
    isSaved: (state) => forgotten.every((name) => state.answers.get(name) === undefined),
  });
  return forgotten;
}

function toAnswer(pair: string): { readonly name: string; readonly value: string } {
  const at = pair.indexOf('=');
  if (at > 0) return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1) };
  throw new UserError('USAGE', `${pair} is no answer`, { hint: 'Write it like `devspace set var NAME=VALUE`.' });
}
