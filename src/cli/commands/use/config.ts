import { defineCommand } from '../../define-command.ts';

export const useConfigCommand = defineCommand<{ readonly reset?: boolean }>({
  name: 'use config',
  summary: 'Choose the configuration of devspace-configs.yaml that all later runs use',
  examples: ['devspace use config production', 'devspace use config --reset'],
  args: '[name]',
  options: [{ flags: '--reset', description: 'Forget the choice' }],
  async run({ flags, args, project, tools }) {
    const { resetConfig, useConfig } = await import('../../../workflows/config/configs.ts');
    if (flags.reset) {
      await resetConfig(project, tools);
      tools.log.done('The choice is forgotten');
      return 0;
    }
    const name = await useConfig(args[0], project, tools);
    tools.log.done(`Using config ${name}`);
    return 0;
  },
});
