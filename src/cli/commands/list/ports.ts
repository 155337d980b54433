import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listPortsCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list ports',
  summary: 'List the ports that devspace dev forwards',
  examples: ['devspace list ports', 'devspace list ports --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listPorts }, { showList }] = await Promise.all([
      import('../../../workflows/config/sections.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listPorts(project, tools);
    const whenEmpty = 'The configuration forwards no ports';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Selector', text: ({ selector }) => selector },
          { head: 'Container', text: ({ container = '' }) => container },
          { head: 'Ports (local:remote)', text: ({ ports }) => ports.join(', ') },
        ],
      },
      flags.output,
      tools,
    );
  },
});
