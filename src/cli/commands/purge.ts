import { defineCommand } from '../define-command.ts';
import { deployments } from '../shared-options.ts';

interface Flags {
  readonly deployments?: string[];
  readonly all?: boolean;
}

export const purgeCommand = defineCommand<Flags>({
  name: 'purge',
  summary: 'Delete what was deployed',
  examples: ['devspace purge', 'devspace purge --deployments app', 'devspace purge --all'],
  options: [
    { ...deployments, flags: '-d, --deployments <names>' },
    { flags: '-a, --all', description: 'Delete what the dependencies deployed, too' },
  ],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { purge }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/purge.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const dependencies = flags.all ? {} : undefined;
    await purge(project, { only: flags.deployments, dependencies, signal }, tools);
    return 0;
  },
});
