import type { Definition } from './definition.ts';

export interface Question {
  /** The variable that the answer is for. */
  readonly name: string;
  readonly text: string;
  readonly default?: string;
  /** With options the answer is one of them. */
  readonly options: readonly string[];
  /** Nothing of what is typed may be shown. */
  readonly isPassword: boolean;
  /** What is wrong with an answer, or nothing. */
  readonly validate: (answer: string) => string | undefined;
}

/** Asks the human. Only one question is asked at a time; an abort ends the question with a rejection. */
export interface Prompt {
  ask(question: Question, signal: AbortSignal): Promise<string>;
}

export function toQuestion(definition: Definition, fallback: string | undefined): Question {
  const preset = fallback ?? definition.options[0];
  return {
    name: definition.name,
    text: definition.question ?? `Please enter a value for ${definition.name}`,
    ...(preset === undefined ? {} : { default: preset }),
    options: definition.options,
    isPassword: definition.isPassword,
    validate: (answer) => invalidAnswer(definition, answer),
  };
}

/** With options the pattern does not count. The pattern may match anywhere, as in the original. */
export function invalidAnswer(definition: Definition, answer: string): string | undefined {
  if (definition.options.length > 0) {
    return definition.options.includes(answer) ? undefined : `choose one of ${definition.options.join(', ')}`;
  }
  const pattern = toPattern(definition.validationPattern);
  if (!pattern || pattern.test(answer)) return undefined;
  return definition.validationMessage ?? `the answer must match ${definition.validationPattern ?? ''}`;
}

/** A pattern that this engine cannot read checks nothing: Go and JavaScript differ in rare forms. */
export function toPattern(source: string | undefined): RegExp | undefined {
  if (!source) return undefined;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  try {
    return new RegExp(inline ? source.slice(inline[0].length) : source, inline?.[1]);
  } catch {
    return undefined;
  }
}
