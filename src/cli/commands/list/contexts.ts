import { defineListCommand } from '../../define-list-command.ts';

export const listContextsCommand = defineListCommand({
  name: 'contexts',
  summary: 'List the contexts of the kubeconfig',
  whenEmpty: 'The kubeconfig has no contexts',
  async rows(project, tools) {
    const { listContexts } = await import('../../../workflows/config/contexts.ts');
    return listContexts(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
    { head: 'Cluster', text: ({ cluster }) => cluster },
    { head: 'Namespace', text: ({ namespace }) => namespace },
  ],
});
