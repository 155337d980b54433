import { defineCommand } from '../../define-command.ts';

export const useContextCommand = defineCommand({
  name: 'use context',
  summary: 'Make a context the current one of the kubeconfig',
  examples: ['devspace use context minikube'],
  args: '[name]',
  options: [],
  async run({ args, project, tools }) {
    const { useContext } = await import('../../../workflows/config/contexts.ts');
    const name = await useContext(args[0], project, tools);
    tools.log.done(`The current context is ${name}`);
    return 0;
  },
});
