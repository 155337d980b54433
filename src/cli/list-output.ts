import type { OptionDefinition } from './define-command.ts';
import { choiceOption } from './shared-options.ts';

export type ListFormat = 'table' | 'json';

export const listOutput: OptionDefinition = {
  ...choiceOption('-o, --output <format>', 'Form of the list', ['table', 'json']),
  default: 'table',
};
