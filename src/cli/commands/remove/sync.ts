import { defineCommand } from '../../define-command.ts';
import { removeEverything } from '../../shared-options.ts';

interface Flags {
  readonly all?: boolean;
  readonly local?: string;
  readonly container?: string;
}

export const removeSyncCommand = defineCommand<Flags>({
  name: 'remove sync',
  summary: 'Take synchronised folders out of the configuration',
  examples: [
    'devspace remove sync --local ./src',
    'devspace remove sync --container /app',
    'devspace remove sync --all',
  ],
  options: [
    { flags: '--local <folder>', description: 'Folder here, as the file has it' },
    { flags: '--container <folder>', description: 'Folder in the container' },
    removeEverything,
  ],
  async run({ flags, project, tools }) {
    const { remove } = await import('../../../workflows/config/remove.ts');
    const { local, container } = flags;
    const isNamed = local !== undefined || container !== undefined;
    const paths = { ...(local === undefined ? {} : { local }), ...(container === undefined ? {} : { container }) };
    const changes = isNamed ? [{ kind: 'remove sync' as const, ...paths }] : [];
    const file = await remove({ kind: 'sync', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all folders' : (local ?? container ?? '')} from ${file}`);
    return 0;
  },
});
