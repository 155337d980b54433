import { defineCommand } from '../define-command.ts';
import { skipPush } from '../shared-options.ts';

interface Flags {
  readonly skipPush?: boolean;
}

export const buildCommand = defineCommand<Flags>({
  name: 'build',
  summary: 'Build and push the images',
  examples: ['devspace build', 'devspace build --skip-push'],
  options: [skipPush],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { build }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/build.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    await build(project, { push: flags.skipPush ? 'keep local' : 'push', signal }, tools);
    return 0;
  },
});
