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
  async run({ flags, project, tools, signal }) {
    const dependencies = { only: flags.dependency, skip: flags.skipDependency };
    const choice = { deploy: toDeployChoice(flags), dependencies, signal };
    const { loadProject } = await import('../../workflows/project.ts');
    if (flags.dryRun) {
      const [{ dryRun }, { writeOut }] = await Promise.all([
        import('../../workflows/dry-run.ts'),
        import('../render/write-out.ts'),
      ]);
      await writeOut(tools.io.stdout, await dryRun(await loadProject(project, tools), choice, tools));
      return 0;
    }
    const [{ deploy }, { emptyReport }, { reporting }] = await Promise.all([
      import('../../workflows/deploy.ts'),
      import('../../workflows/run-report.ts'),
      import('../render/report.ts'),
    ]);
    const report = emptyReport();
    await reporting({ output: flags.output, tools, begun: report }, async () => {
      const options = { ...choice, build: toImageChoice(flags), timeoutMs: flags.timeout * 1000, report };
      await deploy(await loadProject(project, tools), options, tools);
      return report;
    });
    return 0;
  },
});
