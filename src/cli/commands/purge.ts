import { defineCommand } from '../define-command.ts';
import { deployments } from '../shared-options.ts';

interface Flags {
  readonly deployments?: string[];
}

export const purgeCommand = defineCommand<Flags>({
  name: 'purge',
  summary: 'Delete what was deployed',
  examples: ['devspace purge', 'devspace purge --deployments app'],
  options: [{ ...deployments, flags: '-d, --deployments <names>' }],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { purge }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/purge.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    await purge(project, { only: flags.deployments, signal }, tools);
    return 0;
  },
});
