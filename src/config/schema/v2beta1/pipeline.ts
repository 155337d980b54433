import { anything, either, flag, list, object, oneOf, text, withDefault } from '../fields.ts';

export const pipelineFlag = object({
  name: text(''),
  short: text(''),
  type: withDefault(oneOf(['bool', 'string', 'int', 'stringArray'], ''), 'bool'),
  default: anything(''),
  description: text(''),
});

export const pipelineObject = object({
  name: text(''),
  run: text(''),
  flags: list(pipelineFlag, ''),
  continueOnError: flag(''),
});

/** The short form or the full one. */
export const pipeline = either(text(''), pipelineObject, '');
