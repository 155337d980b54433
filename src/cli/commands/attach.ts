import { defineCommand } from '../define-command.ts';
import { type SelectionFlags, selectionFlags, toContainerChoice } from '../selection-flags.ts';

export const attachCommand = defineCommand<SelectionFlags>({
  name: 'attach',
  summary: 'Connect to the main process of a container',
  examples: ['devspace attach', 'devspace attach -l app=web -c app'],
  options: selectionFlags,
  async run({ flags, project, tools }) {
    const { attach } = await import('../../workflows/attach.ts');
    return attach({ project, choice: toContainerChoice(flags) }, tools);
  },
});
