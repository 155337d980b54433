import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../list-output.ts';

export const listProfilesCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'list profiles',
  summary: 'List the profiles and which of them are active',
  examples: ['devspace list profiles', 'devspace list profiles --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ listProfiles }, { showList }] = await Promise.all([
      import('../../../workflows/config/profiles.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = await listProfiles(project, tools);
    const whenEmpty = 'The configuration has no profiles';
    return showList(
      {
        rows,
        whenEmpty,
        columns: [
          { head: 'Name', text: ({ name }) => name },
          { head: 'Active', text: ({ active }) => (active ? 'yes' : '') },
          { head: 'Description', text: ({ description }) => description },
        ],
      },
      flags.output,
      tools,
    );
  },
});
