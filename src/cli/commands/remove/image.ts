import { defineCommand } from '../../define-command.ts';
import { removeEverything } from '../../shared-options.ts';

export const removeImageCommand = defineCommand<{ readonly all?: boolean }>({
  name: 'remove image',
  summary: 'Take a image out of the configuration',
  examples: ['devspace remove image NAME', 'devspace remove image --all'],
  args: '[name]',
  options: [removeEverything],
  async run({ flags, args, project, tools }) {
    const { remove } = await import('../../../workflows/config/remove.ts');
    const changes = args.map((name) => ({ kind: 'remove image' as const, name }));
    const file = await remove({ kind: 'image', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all' : args.join(', ')} from ${file}`);
    return 0;
  },
});
