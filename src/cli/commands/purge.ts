import { defineCommand } from '../define-command.ts';
import { deployments, outputJson } from '../shared-options.ts';

interface Flags {
  readonly deployments?: string[];
  readonly all?: boolean;
  readonly output?: 'json';
}

export const purgeCommand = defineCommand<Flags>({
  name: 'purge',
  summary: 'Delete what was deployed',
  examples: ['devspace purge', 'devspace purge --deployments app', 'devspace purge --all'],
  options: [
    { ...deployments, flags: '-d, --deployments <names>' },
    { flags: '-a, --all', description: 'Delete what the dependencies deployed, too' },
    outputJson,
  ],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { purge }, { writeReport }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/purge.ts'),
      import('../render/report.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const dependencies = flags.all ? {} : undefined;
    const purged = await purge(project, { only: flags.deployments, dependencies, signal }, tools);
    await writeReport({ deployments: purged }, { output: flags.output, stdout: tools.io.stdout });
    return 0;
  },
});
