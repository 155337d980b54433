import { defineListCommand } from '../../define-list-command.ts';

export const listDeploymentsCommand = defineListCommand({
  name: 'deployments',
  summary: 'List the deployments, and whether they are deployed',
  whenEmpty: 'The configuration has no deployments',
  async rows(project, tools) {
    const { listDeployments } = await import('../../../workflows/config/sections.ts');
    return listDeployments(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Type', text: ({ type }) => type },
    { head: 'Namespace', text: ({ namespace = '' }) => namespace },
    { head: 'Source', text: ({ source }) => source },
    { head: 'Status', text: ({ status }) => status },
  ],
});
