import { defineCommand } from '../../define-command.ts';
import { labelSelector, removeEverything } from '../../shared-options.ts';

interface Flags {
  readonly all?: boolean;
  readonly labelSelector?: Record<string, string>;
}

export const removeSelectorCommand = defineCommand<Flags>({
  name: 'remove selector',
  summary: 'Take a selector out of the configuration',
  examples: [
    'devspace remove selector NAME',
    'devspace remove selector --label-selector app=web',
    'devspace remove selector --all',
  ],
  args: '[name]',
  options: [labelSelector, removeEverything],
  async run({ flags, args, project, tools }) {
    const [{ remove }, { given }] = await Promise.all([
      import('../../../workflows/config/remove.ts'),
      import('../../../workflows/config/change-config.ts'),
    ]);
    const wanted = given({ name: args[0], labels: flags.labelSelector, namespace: project.kube.namespace });
    const changes = Object.keys(wanted).length > 0 ? [{ kind: 'remove selector' as const, ...wanted }] : [];
    const file = await remove({ kind: 'selector', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all selectors' : (args[0] ?? 'the selectors')} from ${file}`);
    return 0;
  },
});
