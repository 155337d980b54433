import { either, flag, object, text, texts } from '../fields.ts';

export const commandObject = object(
  {
    name: text(''),
    section: text(''),
    command: text(''),
    args: texts(''),
    appendArgs: flag(''),
    description: text(''),
    internal: flag(''),
    after: text(''),
  },
  { required: ['command'] },
);

/** The short form or the full one. */
export const command = either(text(''), commandObject, '');
