import { defineCommand } from '../../define-command.ts';
import { labelSelector } from '../../shared-options.ts';

export const addSelectorCommand = defineCommand<{ readonly labelSelector: Record<string, string> }>({
  name: 'add selector',
  summary: 'Add a named selector, for files of the versions that have them',
  examples: ['devspace add selector web --label-selector app=web'],
  args: '<name>',
  options: [{ ...labelSelector, mandatory: true }],
  async run({ flags, args, project, tools }) {
    const { changeConfig } = await import('../../../workflows/config/change-config.ts');
    const [name = ''] = args;
    const { namespace } = project.kube;
    const labels = flags.labelSelector;
    const change = { kind: 'add selector', name, labels, ...(namespace === undefined ? {} : { namespace }) } as const;
    const file = await changeConfig([change], project, tools);
    tools.log.done(`Added the selector ${name} to ${file}`);
    return 0;
  },
});
