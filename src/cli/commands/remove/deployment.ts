import { defineCommand } from '../../define-command.ts';
import { removeEverything } from '../../shared-options.ts';

export const removeDeploymentCommand = defineCommand<{ readonly all?: boolean }>({
  name: 'remove deployment',
  summary: 'Take a deployment out of the configuration',
  examples: ['devspace remove deployment NAME', 'devspace remove deployment --all'],
  args: '[name]',
  options: [removeEverything],
  async run({ flags, args, project, tools }) {
    const { remove } = await import('../../../workflows/config/remove.ts');
    const changes = args.map((name) => ({ kind: 'remove deployment' as const, name }));
    const file = await remove({ kind: 'deployment', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all' : args.join(', ')} from ${file}`);
    return 0;
  },
});
