import { defineCommand } from '../../define-command.ts';
import { removeEverything } from '../../shared-options.ts';

export const removePortCommand = defineCommand<{ readonly all?: boolean }>({
  name: 'remove port',
  summary: 'Take forwarded ports out of the configuration, by their local or remote number',
  examples: ['devspace remove port 8080', 'devspace remove port 8080,9229', 'devspace remove port --all'],
  args: '[port...]',
  options: [removeEverything],
  async run({ flags, args, project, tools }) {
    const [{ remove }, { parsePorts }] = await Promise.all([
      import('../../../workflows/config/remove.ts'),
      import('../../../workflows/config/change-config.ts'),
    ]);
    const changes = parsePorts(args).map(({ port }) => ({ kind: 'remove port' as const, port }));
    const file = await remove({ kind: 'port', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all ports' : args.join(', ')} from ${file}`);
    return 0;
  },
});
