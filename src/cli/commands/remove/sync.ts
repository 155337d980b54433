import { defineCommand } from '../../define-command.ts';
import { labelSelector, removeEverything } from '../../shared-options.ts';

interface Flags {
  readonly all?: boolean;
  readonly local?: string;
  readonly container?: string;
  readonly labelSelector?: Record<string, string>;
}

export const removeSyncCommand = defineCommand<Flags>({
  name: 'remove sync',
  summary: 'Take synchronised folders out of the configuration',
  examples: [
    'devspace remove sync --local ./src',
    'devspace remove sync --container /app --label-selector app=web',
    'devspace remove sync --all',
  ],
  options: [
    { flags: '--local <folder>', description: 'Folder here, as the file has it' },
    { flags: '--container <folder>', description: 'Folder in the container' },
    labelSelector,
    removeEverything,
  ],
  async run({ flags, project, tools }) {
    const [{ remove }, { given }] = await Promise.all([
      import('../../../workflows/config/remove.ts'),
      import('../../../workflows/config/change-config.ts'),
    ]);
    const { local, container, labelSelector: labels } = flags;
    const wanted = given({ local, container, labels, namespace: project.kube.namespace });
    const changes = Object.keys(wanted).length > 0 ? [{ kind: 'remove sync' as const, ...wanted }] : [];
    const file = await remove({ kind: 'sync', changes, extent: flags.all ? 'all' : 'named' }, project, tools);
    tools.log.done(`Removed ${flags.all ? 'all folders' : (local ?? container ?? 'the folders')} from ${file}`);
    return 0;
  },
});
