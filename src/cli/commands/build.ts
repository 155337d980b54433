import { defineCommand } from '../define-command.ts';
import { dependency, forceBuild, skipDependency, skipPush, toBuildChoice } from '../shared-options.ts';

interface Flags {
  readonly dependency?: string[];
  readonly skipDependency?: string[];
  readonly skipPush?: boolean;
  readonly forceBuild?: boolean;
}

export const buildCommand = defineCommand<Flags>({
  name: 'build',
  summary: 'Build and push the images',
  examples: ['devspace build', 'devspace build --skip-push'],
  options: [skipPush, forceBuild, dependency, skipDependency],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { build }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/build.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const dependencies = { only: flags.dependency, skip: flags.skipDependency };
    await build(project, { build: toBuildChoice(flags), dependencies, signal }, tools);
    return 0;
  },
});
