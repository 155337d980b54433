import { anything, choice, either, flag, list, object, oneOf, scalar, text, texts, withDefault } from '../fields.ts';

export const variableCommand = object({ os: text(''), command: text(''), args: texts('') });

export const variableObject = object({
  name: text(''),
  value: anything(''),
  question: text(''),
  default: anything(''),
  options: texts(''),
  password: flag(''),
  validationPattern: text(''),
  validationMessage: text(''),
  noCache: flag(''),
  command: text(''),
  args: texts(''),
  commands: list(variableCommand, ''),
  alwaysResolve: choice(''),
  source: withDefault(oneOf(['all', 'env', 'input', 'command', 'none'], ''), 'all'),
});

/** The short form or the full one. */
export const variable = either(scalar(), variableObject, '');
