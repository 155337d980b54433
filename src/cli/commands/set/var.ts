import { defineCommand } from '../../define-command.ts';

export const setVarCommand = defineCommand({
  name: 'set var',
  summary: 'Save answers for variables, as if they had been asked for',
  examples: ['devspace set var NAME=VALUE', 'devspace set var TAG=latest REGISTRY=localhost:5000'],
  args: '<name=value...>',
  options: [],
  async run({ args, project, tools }) {
    const { setVariables } = await import('../../../workflows/config/variables.ts');
    const names = await setVariables(args, project, tools);
    tools.log.done(`Saved ${names.join(', ')}`);
    return 0;
  },
});
