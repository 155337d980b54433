import { defineListCommand } from '../../define-list-command.ts';

export const listNamespacesCommand = defineListCommand({
  name: 'namespaces',
  summary: 'List the namespaces of the cluster',
  whenEmpty: 'The cluster shows no namespaces',
  async rows(project, tools) {
    const { listNamespaces } = await import('../../../workflows/config/namespaces.ts');
    return listNamespaces(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
    { head: 'Status', text: ({ status }) => status },
  ],
});
