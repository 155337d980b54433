import { defineCommand } from '../../define-command.ts';
import { outputJson } from '../../shared-options.ts';

interface Flags {
  readonly all?: boolean;
  readonly output?: 'json';
}

export const cleanupImagesCommand = defineCommand<Flags>({
  name: 'cleanup images',
  summary: 'Delete what earlier builds of the images left in the Docker Engine',
  examples: ['devspace cleanup images', 'devspace cleanup images --all'],
  options: [
    { flags: '--all', description: 'Delete every tag of these images, also the current one and those of others' },
    outputJson,
  ],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { cleanupImages }, { reporting }] = await Promise.all([
      import('../../../workflows/project.ts'),
      import('../../../workflows/cleanup-images.ts'),
      import('../../render/report.ts'),
    ]);
    await reporting({ output: flags.output, tools }, async () => {
      const project = await loadProject(projectOptions, tools);
      return cleanupImages(project, flags.all ? 'all' : 'outdated', { ...tools, signal });
    });
    return 0;
  },
});
