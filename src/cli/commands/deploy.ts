import { defineCommand } from '../define-command.ts';
import {
  dependency,
  deployments,
  forceBuild,
  forceConflicts,
  forceDeploy,
  skipBuild,
  skipDependency,
  skipPush,
  timeout,
  toDeployChoice,
  toImageChoice,
} from '../shared-options.ts';

interface Flags {
  readonly dependency?: string[];
  readonly skipDependency?: string[];
  readonly skipBuild?: boolean;
  readonly skipPush?: boolean;
  readonly forceBuild?: boolean;
  readonly deployments?: string[];
  readonly forceConflicts?: boolean;
  readonly forceDeploy?: boolean;
  readonly timeout: number;
}

export const deployCommand = defineCommand<Flags>({
  name: 'deploy',
  summary: 'Build, push and deploy; ends well only if everything became ready',
  examples: ['devspace deploy', 'devspace deploy -n staging --timeout 300'],
  options: [
    skipBuild,
    skipPush,
    forceBuild,
    deployments,
    dependency,
    skipDependency,
    forceConflicts,
    forceDeploy,
    timeout,
  ],
  async run({ flags, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { deploy }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/deploy.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    await deploy(
      project,
      {
        build: toImageChoice(flags),
        deploy: toDeployChoice(flags),
        dependencies: { only: flags.dependency, skip: flags.skipDependency },
        timeoutMs: flags.timeout * 1000,
        signal,
      },
      tools,
    );
    return 0;
  },
});
