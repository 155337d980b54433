import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listSyncCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list sync',
  summary: 'List the folders that devspace dev synchronises',
  examples: ['devspace list sync', 'devspace list sync --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listSync }, { showList }] = await Promise.all([
      import('../../../workflows/config/sections.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listSync(project, tools);
    const whenEmpty = 'The configuration synchronises nothing';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Selector', text: ({ selector }) => selector },
          { head: 'Container', text: ({ container = '' }) => container },
          { head: 'Local path', text: ({ local }) => local },
          { head: 'Container path', text: ({ remote }) => remote },
          { head: 'Excluded paths', text: ({ excluded }) => excluded.join(', ') },
        ],
      },
      flags.output,
      tools,
    );
  },
});
