import { defineListCommand } from '../../define-list-command.ts';

export const listSelectorsCommand = defineListCommand({
  name: 'selectors',
  summary: 'List the selectors under dev',
  whenEmpty: 'The configuration has no selectors',
  async rows(project, tools) {
    const { listSelectors } = await import('../../../workflows/config/sections.ts');
    return listSelectors(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Namespace', text: ({ namespace = '' }) => namespace },
    { head: 'Selector', text: ({ selector }) => selector },
    { head: 'Container', text: ({ container = '' }) => container },
  ],
});
