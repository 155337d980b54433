import { defineCommand } from '../../define-command.ts';

export const useProfileCommand = defineCommand<{ readonly reset?: boolean }>({
  name: 'use profile',
  summary: 'Choose the profile that all later runs apply',
  examples: ['devspace use profile staging', 'devspace use profile --reset'],
  args: '[name]',
  options: [{ flags: '--reset', description: 'Forget the choice' }],
  async run({ flags, args, project, tools }) {
    const { resetProfile, useProfile } = await import('../../../workflows/config/profiles.ts');
    if (flags.reset) {
      await resetProfile(project, tools);
      tools.log.done('The choice is forgotten');
      return 0;
    }
    const name = await useProfile(args[0], project, tools);
    tools.log.done(`Using profile ${name}`);
    return 0;
  },
});
