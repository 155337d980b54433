import { defineCommand } from '../define-command.ts';
import {
  type BuildFlags,
  dependency,
  forceBuild,
  outputJson,
  parallelBuilds,
  skipDependency,
  skipPush,
  toBuildChoice,
} from '../shared-options.ts';

interface Flags extends BuildFlags {
  readonly dependency?: string[];
  readonly skipDependency?: string[];
  readonly output?: 'json';
}

export const buildCommand = defineCommand<Flags>({
  name: 'build',
  summary: 'Build and push the images',
  examples: ['devspace build', 'devspace build --skip-push'],
  options: [...skipPush, forceBuild, ...parallelBuilds, dependency, skipDependency, outputJson],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { build }, { emptyReport }, { reporting }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/build.ts'),
      import('../../workflows/run-report.ts'),
      import('../render/report.ts'),
    ]);
    const report = { images: emptyReport().images };
    await reporting({ output: flags.output, tools, begun: report }, async () => {
      const project = await loadProject(projectOptions, tools);
      const dependencies = { only: flags.dependency, skip: flags.skipDependency };
      await build(project, { build: toBuildChoice(flags), dependencies, report, signal }, tools);
      return report;
    });
    return 0;
  },
});
