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
    const [{ loadProject }, { purge }, { reporting }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/purge.ts'),
      import('../render/report.ts'),
    ]);
    await reporting({ output: flags.output, tools }, async () => {
      const project = await loadProject(projectOptions, tools);
      const dependencies = flags.all ? {} : undefined;
      return { deployments: await purge(project, { only: flags.deployments, dependencies, signal }, tools) };
    });
    return 0;
  },
});
