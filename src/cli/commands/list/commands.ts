import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listCommandsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list commands',
  summary: 'List the commands that devspace run knows',
  examples: ['devspace list commands', 'devspace list commands --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listProjectCommands }, { showList }] = await Promise.all([
      import('../../../workflows/config/commands.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listProjectCommands(project, tools);
    const whenEmpty = 'The configuration has no commands';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Section', text: ({ section }) => section },
          { head: 'Description', text: ({ description }) => description },
        ],
      },
      flags.output,
      tools,
    );
  },
});
