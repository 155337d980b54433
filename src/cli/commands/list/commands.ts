import { defineListCommand } from '../../define-list-command.ts';

export const listCommandsCommand = defineListCommand({
  name: 'commands',
  summary: 'List the commands that devspace run knows',
  whenEmpty: 'The configuration has no commands',
  async rows(project, tools) {
    const { listProjectCommands } = await import('../../../workflows/config/commands.ts');
    return listProjectCommands(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Section', text: ({ section }) => section },
    { head: 'Description', text: ({ description }) => description },
  ],
});
