import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listDeploymentsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list deployments',
  summary: 'List the deployments',
  examples: ['devspace list deployments', 'devspace list deployments --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listDeployments }, { showList }] = await Promise.all([
      import('../../../workflows/config/sections.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listDeployments(project, tools);
    const whenEmpty = 'The configuration has no deployments';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Type', text: ({ type }) => type },
          { head: 'Namespace', text: ({ namespace = '' }) => namespace },
          { head: 'Source', text: ({ source }) => source },
        ],
      },
      flags.output,
      tools,
    );
  },
});
