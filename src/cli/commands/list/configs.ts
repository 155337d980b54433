import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listConfigsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list configs',
  summary: 'List the configurations of devspace-configs.yaml',
  examples: ['devspace list configs', 'devspace list configs --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listConfigs }, { showList }] = await Promise.all([
      import('../../../workflows/config/configs.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listConfigs(project, tools);
    const whenEmpty = 'The project has no devspace-configs.yaml';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
          { head: 'Path', text: ({ path = '' }) => path },
          { head: 'Vars', text: ({ vars }) => (vars ? 'yes' : '') },
          { head: 'Overrides', text: ({ overrides }) => String(overrides) },
        ],
      },
      flags.output,
      tools,
    );
  },
});
