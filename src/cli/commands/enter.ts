import { defineCommand } from '../define-command.ts';
import { type SelectionFlags, selectionFlags, toContainerChoice } from '../selection-flags.ts';

export const enterCommand = defineCommand<SelectionFlags>({
  name: 'enter',
  summary: 'Open a further terminal in the container, or run a command there',
  examples: [
    'devspace enter',
    'devspace enter -- ls -la',
    'echo hello | devspace enter -- cat',
    'devspace enter --pick',
  ],
  args: '[command...]',
  options: selectionFlags,
  async run({ flags, args, project, tools }) {
    const { enter } = await import('../../workflows/enter.ts');
    const command = args.length > 0 ? args : undefined;
    return enter({ project, choice: toContainerChoice(flags), command }, tools);
  },
});
