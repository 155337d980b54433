import { UserError } from '../../core/errors.ts';
import type { Tools } from '../tools.ts';

export interface Choice {
  /** What is chosen, such as `profile`. */
  readonly what: string;
  readonly names: readonly string[];
  /** How to give the answer without being asked. */
  readonly flag: string;
  readonly signal: AbortSignal;
}

/** Asks for one of the names. `USAGE` when there is nothing to choose from, or nobody to ask. */
export async function choose(
  { what, names, flag, signal }: Choice,
  { prompt }: Pick<Tools, 'prompt'>,
): Promise<string> {
  if (names.length === 0) throw new UserError('USAGE', `There is no ${what} to choose`, { hint: `See \`${flag}\`.` });
  if (!prompt) {
    throw new UserError('USAGE', `No ${what} is named and there is no terminal to ask`, {
      hint: `Name it: \`${flag}\`. There are: ${names.join(', ')}.`,
    });
  }
  const question = { name: what, text: `Which ${what}?`, options: names, isPassword: false, validate: () => undefined };
  return prompt.ask(question, signal);
}

export interface Confirmation {
  readonly text: string;
  /** The flag that answers yes. */
  readonly flag: string;
  readonly signal: AbortSignal;
}

/** Asks yes or no. Without a terminal it is `USAGE`, and the flag is named. */
export async function confirm(
  { text, flag, signal }: Confirmation,
  { prompt }: Pick<Tools, 'prompt'>,
): Promise<boolean> {
  if (!prompt) {
    throw new UserError('USAGE', `${text} There is no terminal to ask`, { hint: `Say yes with \`${flag}\`.` });
  }
  const question = { name: 'confirmation', text, options: ['yes', 'no'], isPassword: false, validate: () => undefined };
  return (await prompt.ask(question, signal)) === 'yes';
}
