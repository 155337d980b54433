import { defineCommand } from '../../define-command.ts';

export const useContextCommand = defineCommand<{ readonly reset?: boolean }>({
  name: 'use context',
  summary: 'Make a context the current one of the kubeconfig',
  examples: ['devspace use context minikube', 'devspace use context --reset'],
  args: '[name]',
  options: [{ flags: '--reset', description: 'Go back to the context before the last change' }],
  async run({ flags, args, project, tools }) {
    const { resetContext, useContext } = await import('../../../workflows/config/contexts.ts');
    const name = flags.reset ? await resetContext(tools) : await useContext(args[0], project, tools);
    tools.log.done(`The current context is ${name}`);
    return 0;
  },
});
