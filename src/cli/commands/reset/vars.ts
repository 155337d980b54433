import { defineCommand } from '../../define-command.ts';

export const resetVarsCommand = defineCommand({
  name: 'reset vars',
  summary: 'Forget saved answers, so that they are asked for again',
  examples: ['devspace reset vars', 'devspace reset vars NAME'],
  args: '[name...]',
  options: [],
  async run({ args, project, tools }) {
    const { forgetVariables } = await import('../../../workflows/config/variables.ts');
    const names = await forgetVariables(args, project, tools);
    tools.log.done(names.length === 0 ? 'No answers are saved' : `Forgot ${names.join(', ')}`);
    return 0;
  },
});
