import { defineCommand } from '../../define-command.ts';
import { switchOption } from '../../shared-options.ts';

export const setVarCommand = defineCommand<{ readonly overwrite: boolean }>({
  name: 'set var',
  summary: 'Save answers for variables, as if they had been asked for',
  examples: ['devspace set var NAME=VALUE', 'devspace set var TAG=latest REGISTRY=localhost:5000'],
  args: '<name=value...>',
  options: [switchOption('--overwrite', 'Replace answers that are saved already')],
  async run({ flags, args, project, tools }) {
    const { setVariables } = await import('../../../workflows/config/variables.ts');
    const existing = flags.overwrite ? 'replaced' : 'kept';
    const { saved, kept } = await setVariables({ pairs: args, existing }, project, tools);
    if (kept.length > 0) tools.log.info(`Kept the saved ${kept.join(', ')}`);
    if (saved.length > 0) tools.log.done(`Saved ${saved.join(', ')}`);
    return 0;
  },
});
