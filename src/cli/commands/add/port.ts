import { defineCommand } from '../../define-command.ts';
import { labelSelector, selectorName } from '../../shared-options.ts';

interface Flags {
  readonly labelSelector?: Record<string, string>;
  readonly selector?: string;
}

export const addPortCommand = defineCommand<Flags>({
  name: 'add port',
  summary: 'Add ports that devspace dev forwards',
  examples: ['devspace add port 8080', 'devspace add port 8080:3000,9229 --label-selector app=web'],
  args: '<local:remote...>',
  options: [labelSelector, selectorName],
  async run({ flags, args, project, tools }) {
    const { addServices, parsePorts } = await import('../../../workflows/config/change-config.ts');
    const { labelSelector: labels, selector } = flags;
    const target = { labels, selector, namespace: project.kube.namespace };
    const file = await addServices(parsePorts(args), target, { options: project, tools });
    tools.log.done(`Added ${args.join(', ')} to ${file}`);
    return 0;
  },
});
