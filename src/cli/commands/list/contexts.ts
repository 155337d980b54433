import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listContextsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list contexts',
  summary: 'List the contexts of the kubeconfig',
  examples: ['devspace list contexts', 'devspace list contexts --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listContexts }, { showList }] = await Promise.all([
      import('../../../workflows/config/contexts.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listContexts(project, tools);
    const whenEmpty = 'The kubeconfig has no contexts';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
          { head: 'Cluster', text: ({ cluster }) => cluster },
          { head: 'Namespace', text: ({ namespace }) => namespace },
        ],
      },
      flags.output,
      tools,
    );
  },
});
