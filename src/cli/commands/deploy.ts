import { defineCommand } from '../define-command.ts';
import {
  type BuildFlags,
  dependency,
  deployments,
  forceBuild,
  forceConflicts,
  forceDeploy,
  outputJson,
  parallelBuilds,
  skipBuild,
  skipDependency,
  skipPush,
  timeout,
  toDeployChoice,
  toImageChoice,
} from '../shared-options.ts';

interface Flags extends BuildFlags {
  readonly dependency?: string[];
  readonly skipDependency?: string[];
  readonly skipBuild?: boolean;
  readonly deployments?: string[];
  readonly forceConflicts?: boolean;
  readonly forceDeploy?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly output?: 'json';
}

export const deployCommand = defineCommand<Flags>({
  name: 'deploy',
  summary: 'Build, push and deploy; ends well only if everything became ready',
  examples: ['devspace deploy', 'devspace deploy -n staging --timeout 300', 'devspace deploy --dry-run'],
  options: [
    skipBuild,
    ...skipPush,
    forceBuild,
    ...parallelBuilds,
    deployments,
    dependency,
    skipDependency,
    forceConflicts,
    forceDeploy,
    timeout,
    {
      flags: '--dry-run',
      description: 'Print what would change in the cluster, as a comparison per object, and do nothing',
    },
    outputJson,
  ],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { deploy }, { writeReport }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/deploy.ts'),
      import('../render/report.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const dependencies = { only: flags.dependency, skip: flags.skipDependency };
    if (flags.dryRun) {
      const [{ dryRun }, { writeOut }] = await Promise.all([
        import('../../workflows/dry-run.ts'),
        import('../render/write-out.ts'),
      ]);
      const options = { deploy: toDeployChoice(flags), dependencies, signal };
      await writeOut(tools.io.stdout, await dryRun(project, options, tools));
      return 0;
    }
    const report = await deploy(
      project,
      {
        build: toImageChoice(flags),
        deploy: toDeployChoice(flags),
        dependencies,
        timeoutMs: flags.timeout * 1000,
        signal,
      },
      tools,
    );
    await writeReport(report, { output: flags.output, stdout: tools.io.stdout });
    return 0;
  },
});
