import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listNamespacesCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list namespaces',
  summary: 'List the namespaces of the cluster',
  examples: ['devspace list namespaces', 'devspace list namespaces --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listNamespaces }, { showList }] = await Promise.all([
      import('../../../workflows/config/namespaces.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listNamespaces(project, tools);
    const whenEmpty = 'The cluster shows no namespaces';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
          { head: 'Status', text: ({ status }) => status },
        ],
      },
      flags.output,
      tools,
    );
  },
});
