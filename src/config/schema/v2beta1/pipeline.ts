import { anything, either, flag, list, object, text, usuallyOneOf, withDefault } from '../fields.ts';

const pipelineFlag = object({
  name: text('The flag is written `--NAME`.'),
  short: text('One letter, for `-X`.'),
  type: withDefault(usuallyOneOf(['bool', 'string', 'int', 'stringArray'], 'Type of the value.'), 'bool'),
  default: anything('Value without the flag.'),
  description: text('A line for the help.'),
});

const pipelineObject = object({
  name: text('Name of the pipeline; the key under `pipelines` counts.'),
  run: text('The script.'),
  flags: list(pipelineFlag, 'Flags that the pipeline understands.'),
  continueOnError: flag('Go on when a line of the script fails.'),
});

/** The short form or the full one. */
export const pipeline = either(text(''), pipelineObject, 'The script itself, or a map with more about it.');
