import { anything, choice, either, flag, list, object, oneOf, scalar, text, texts, withDefault } from '../fields.ts';

const variableCommand = object({
  os: text('Operating system: `darwin`, `linux` or `windows`.'),
  command: text('Program for this operating system.'),
  args: texts('Arguments; with these the command is run without a shell.'),
});

const variableObject = object({
  name: text('Name of the variable; the key under `vars` counts.'),
  value: anything('A fixed value.'),
  question: text('What to ask when there is no value yet.'),
  default: anything('Value to offer, or to take when nobody can be asked.'),
  options: texts('Answers to choose from.'),
  password: flag('Hide the answer while it is typed.'),
  validationPattern: text('Regular expression that the answer must match.'),
  validationMessage: text('What to say when it does not.'),
  noCache: flag('Do not remember the answer.'),
  command: text('Program whose output is the value.'),
  args: texts('Arguments; with these the command is run without a shell.'),
  commands: list(variableCommand, 'Programs by operating system; the first that fits is run.'),
  alwaysResolve: choice('Find the value even when nothing uses it.'),
  source: withDefault(oneOf(['all', 'env', 'input', 'command', 'none'], 'Where the value comes from.'), 'all'),
});

/** The short form or the full one. */
export const variable = either(
  scalar(),
  variableObject,
  'The value itself, `$(command)`, or a map that says where the value comes from.',
);
