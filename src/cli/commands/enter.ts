import { defineCommand } from '../define-command.ts';
import { containerFlags } from '../shared-options.ts';

interface Flags {
  readonly pod?: string;
  readonly container?: string;
  readonly labelSelector?: Record<string, string>;
  readonly imageSelector?: string;
}

export const enterCommand = defineCommand<Flags>({
  name: 'enter',
  summary: 'Open a further terminal in the container, or run a command there',
  examples: ['devspace enter', 'devspace enter -- ls -la', 'echo hello | devspace enter -- cat'],
  args: '[command...]',
  options: containerFlags,
  async run({ flags, args, project, tools }) {
    const { enter } = await import('../../workflows/enter.ts');
    return enter({ project, choice: flags, command: args.length > 0 ? args : undefined }, tools);
  },
});
