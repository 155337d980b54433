import { defineListCommand } from '../../define-list-command.ts';

export const listProfilesCommand = defineListCommand({
  name: 'profiles',
  summary: 'List the profiles and which of them are active',
  whenEmpty: 'The configuration has no profiles',
  async rows(project, tools) {
    const { listProfiles } = await import('../../../workflows/config/profiles.ts');
    return listProfiles(project, tools);
  },
  columns: [
    { head: 'Name', text: ({ name }) => name },
    { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
    { head: 'Description', text: ({ description }) => description },
  ],
});
