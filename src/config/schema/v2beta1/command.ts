import { either, flag, object, text, texts } from '../fields.ts';

const commandObject = object(
  {
    name: text('Name of the command; the key under `commands` counts.'),
    section: text('Heading in the list of commands.'),
    command: text('What to run.'),
    args: texts('Arguments; with these the command is run without a shell.'),
    appendArgs: flag('Hand further arguments of the call to the command.'),
    description: text('A line for the list of commands.'),
    internal: flag('Leave the command out of the list.'),
    after: text('What to run after the command, also when it failed.'),
  },
  { required: ['command'] },
);

/** The short form or the full one. */
export const command = either(text(''), commandObject, 'The command itself, or a map with more about it.');
