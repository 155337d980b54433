import { defineCommand } from '../define-command.ts';
import { parseLabels } from '../shared-options.ts';

interface Flags {
  readonly pod?: string;
  readonly container?: string;
  readonly labelSelector?: Record<string, string>;
}

export const enterCommand = defineCommand<Flags>({
  name: 'enter',
  summary: 'Open a further terminal in the container, or run a command there',
  examples: ['devspace enter', 'devspace enter -- ls -la', 'echo hello | devspace enter -- cat'],
  args: '[command...]',
  options: [
    { flags: '-c, --container <name>', description: 'Container of the pod' },
    { flags: '--pod <name>', description: 'Pod to enter' },
    { flags: '-l, --label-selector <labels>', description: 'Labels of the pod, such as app=web', parse: parseLabels },
  ],
  async run({ flags, args, project, tools }) {
    const { enter } = await import('../../workflows/enter.ts');
    return enter({ project, choice: flags, command: args.length > 0 ? args : undefined }, tools);
  },
});
