import { defineListCommand } from '../../define-list-command.ts';

export const listSyncCommand = defineListCommand({
  name: 'sync',
  summary: 'List the folders that devspace dev synchronises',
  whenEmpty: 'The configuration synchronises nothing',
  async rows(project, tools) {
    const { listSync } = await import('../../../workflows/config/sections.ts');
    return listSync(project, tools);
  },
  columns: [
    { head: 'Selector', text: ({ selector }) => selector },
    { head: 'Container', text: ({ container = '' }) => container },
    { head: 'Local path', text: ({ local }) => local },
    { head: 'Container path', text: ({ remote }) => remote },
    { head: 'Excluded paths', text: ({ excluded }) => excluded.join(', ') },
  ],
});
