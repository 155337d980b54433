import type { SavedConflict, SyncStatus } from '../../../workflows/status-sync.ts';
import { defineCommand } from '../../define-command.ts';
import { type ListFormat, listOutput } from '../../define-list-command.ts';
import type { Column } from '../../render/table.ts';

const columns: readonly Column<SyncStatus>[] = [
  { head: 'Local path', text: ({ localPath }) => localPath },
  { head: 'Container path', text: ({ containerPath }) => containerPath },
  { head: 'Pod', text: ({ pod }) => pod },
  { head: 'State', text: ({ pid }) => (pid === undefined ? 'stopped' : `runs (pid ${pid})`) },
  { head: 'Paths', text: ({ paths }) => String(paths) },
  { head: 'Changed', text: ({ changedAt }) => changedAt },
];

const conflictColumns: readonly Column<SavedConflict>[] = [
  { head: 'Conflict', text: ({ name }) => name },
  { head: 'Kept', text: ({ winner }) => (winner === 'local' ? 'the version here' : 'the version of the container') },
  { head: 'Other version', text: ({ savedTo }) => savedTo },
  { head: 'Found', text: ({ at }) => at },
];

export const statusSyncCommand = defineCommand<{ readonly output: ListFormat }>({
  name: 'status sync',
  summary: 'Show which folders are synchronised, and the versions that lost a conflict',
  examples: ['devspace status sync', 'devspace status sync --output json'],
  options: [listOutput],
  async run({ flags, project, tools }) {
    const [{ statusOfSync }, { showList }] = await Promise.all([
      import('../../../workflows/status-sync.ts'),
      import('../../render/list.ts'),
    ]);
    const rows = statusOfSync(project.cwd);
    const whenEmpty = 'Nothing was synchronised in this project yet';
    await showList({ rows, columns, whenEmpty }, flags.output, tools);
    const conflicts = rows.flatMap((row) => row.conflicts);
    if (flags.output === 'json' || conflicts.length === 0) return 0;
    tools.io.stdout.write('\n');
    return showList({ rows: conflicts, columns: conflictColumns, whenEmpty }, 'table', tools);
  },
});
