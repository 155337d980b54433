import { defineListCommand } from '../../define-list-command.ts';

export const listConfigsCommand = defineListCommand({
  name: 'configs',
  summary: 'List the configurations of devspace-configs.yaml',
  whenEmpty: 'The project has no devspace-configs.yaml',
  async rows(project, tools) {
    const { listConfigs } = await import('../../../workflows/config/configs.ts');
    return listConfigs(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
    { head: 'Path', text: ({ path = '' }) => path },
    { head: 'Vars', text: ({ vars }) => (vars ? 'yes' : '') },
    { head: 'Overrides', text: ({ overrides }) => String(overrides) },
  ],
});
