import { defineListCommand } from '../../define-list-command.ts';

export const listPortsCommand = defineListCommand({
  name: 'ports',
  summary: 'List the ports that devspace dev forwards, both ways',
  whenEmpty: 'The configuration forwards no ports',
  async rows(project, tools) {
    const { listPorts } = await import('../../../workflows/config/sections.ts');
    return listPorts(project, tools);
  },
  columns: [
    { head: 'Selector', text: ({ selector }) => selector },
    { head: 'Container', text: ({ container = '' }) => container },
    { head: 'Connections', text: ({ direction }) => direction },
    { head: 'Ports (local:remote)', text: ({ ports }) => ports.join(', ') },
  ],
});
