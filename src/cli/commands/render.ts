import { defineCommand } from '../define-command.ts';
import {
  dependency,
  deployments,
  forceBuild,
  skipBuild,
  skipDependency,
  skipPush,
  toImageChoice,
} from '../shared-options.ts';

interface Flags {
  readonly skipBuild?: boolean;
  readonly skipPush?: boolean;
  readonly skipPushLocalKube?: boolean;
  readonly forceBuild?: boolean;
  readonly deployments?: string[];
  readonly dependency?: string[];
  readonly skipDependency?: string[];
}

export const renderCommand = defineCommand<Flags>({
  name: 'render',
  summary: 'Build, and print what would be applied, with the tags of the images',
  examples: ['devspace render', 'devspace render --skip-build --deployments app | kubectl diff -f -'],
  options: [skipBuild, ...skipPush, forceBuild, deployments, dependency, skipDependency],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { render }, { writeOut }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/render.ts'),
      import('../render/write-out.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const dependencies = { only: flags.dependency, skip: flags.skipDependency };
    const options = { build: toImageChoice(flags), only: flags.deployments, dependencies, signal };
    await writeOut(tools.io.stdout, await render(project, options, tools));
    return 0;
  },
});
