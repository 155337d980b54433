import { type DependencyChoice, deployDependencies } from './dependencies.ts';
import { type DeployProjectOptions, deployProject } from './deploy-project.ts';
import { createHooks } from './hooks/hooks.ts';
import { openCluster } from './open-cluster.ts';
import type { Project } from './project.ts';
import type { Tools } from './tools.ts';

export interface DeployOptions extends DeployProjectOptions {
  readonly dependencies: DependencyChoice;
  readonly signal: AbortSignal;
}

/** Deploys what the project depends on, then the project, and returns once all of it is ready. */
export async function deploy(project: Project, options: DeployOptions, tools: Tools): Promise<void> {
  const run = { ...tools, signal: options.signal };
  const hooks = createHooks(project, run);
  await hooks.command('deployCommand', async () => {
    await openCluster(project, run);
    await deployDependencies(project, options, { ...run, hooks });
    if (options.dependencies.only === undefined) await deployProject(project, options, { ...run, hooks });
  });
  tools.log.done('Everything that was deployed is ready');
}
