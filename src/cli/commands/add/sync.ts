import { InvalidArgumentError } from 'commander';
import { defineCommand } from '../../define-command.ts';
import { labelSelector, parseNames, selectorName } from '../../shared-options.ts';

interface Flags {
  readonly local: string;
  readonly container: string;
  readonly exclude?: string[];
  readonly labelSelector?: Record<string, string>;
  readonly selector?: string;
}

function parseContainerPath(value: string): string {
  if (value.startsWith('/')) return value;
  throw new InvalidArgumentError('It takes an absolute path such as /app.');
}

export const addSyncCommand = defineCommand<Flags>({
  name: 'add sync',
  summary: 'Add a folder that devspace dev synchronises',
  examples: ['devspace add sync --local ./src --container /app/src --exclude node_modules/,.git/'],
  options: [
    { flags: '--local <folder>', description: 'Folder here, relative to the project', mandatory: true },
    {
      flags: '--container <folder>',
      description: 'Folder in the container; absolute',
      parse: parseContainerPath,
      mandatory: true,
    },
    { flags: '--exclude <patterns>', description: 'What is not synchronised, separated by commas', parse: parseNames },
    labelSelector,
    selectorName,
  ],
  async run({ flags, project, tools }) {
    const { addServices } = await import('../../../workflows/config/change-config.ts');
    const { local, container, exclude: excludes = [], labelSelector: labels, selector } = flags;
    const target = { labels, selector, namespace: project.kube.namespace };
    const file = await addServices([{ list: 'sync', local, container, excludes }], target, { options: project, tools });
    tools.log.done(`Added ${local} to ${file}`);
    return 0;
  },
});
