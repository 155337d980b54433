import { defineCommand } from '../../define-command.ts';
import { removeEverything } from '../../shared-options.ts';

export const removeSelectorCommand = defineCommand<{ readonly all?: boolean }>({
  name: 'remove selector',
  summary: 'Take a selector out of the configuration',
  examples: ['devspace remove selector NAME', 'devspace remove selector --all'],
  args: '[name]',
  options: [removeEverything],
  async run({ flags, args, project, tools }) {
    const { remove } = await import('../../../workflows/config/remove.ts');
    const changes = args.map((name) => ({ kind: 'remove selector' as const, name }));
    const file = await remove({ kind: 'selector', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all' : args.join(', ')} from ${file}`);
    return 0;
  },
});
