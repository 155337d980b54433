import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listSelectorsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list selectors',
  summary: 'List the selectors under dev',
  examples: ['devspace list selectors', 'devspace list selectors --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listSelectors }, { showList }] = await Promise.all([
      import('../../../workflows/config/sections.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listSelectors(project, tools);
    const whenEmpty = 'The configuration has no selectors';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Namespace', text: ({ namespace = '' }) => namespace },
          { head: 'Selector', text: ({ selector }) => selector },
          { head: 'Container', text: ({ container = '' }) => container },
        ],
      },
      flags.output,
      tools,
    );
  },
});
