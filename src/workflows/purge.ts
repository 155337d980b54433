import { type DependencyChoice, purgeDependencies } from './dependencies.ts';
import { type PurgeReport, planOrphanPurge, planPurge, purgeAll, purging } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { openCluster } from './open-cluster.ts';
import type { Project } from './project.ts';
import type { Tools } from './tools.ts';

export interface PurgeOptions {
  readonly only?: readonly string[] | undefined;
  /** Absent: the dependencies stay. */
  readonly dependencies?: DependencyChoice | undefined;
  readonly signal: AbortSignal;
}

/** Deletes what the deployments describe, the last deployment first, and waits until it is gone. */
export async function purge(project: Project, options: PurgeOptions, tools: Tools): Promise<PurgeReport[]> {
  const run = { ...tools, signal: options.signal };
  const deployments = (await planPurge(project, options.only, run)).reverse();
  const hooks = createHooks(project, run);
  return hooks.command('purgeCommand', async () => {
    const kube = await openCluster(project, run);
    const orphans = options.only ? [] : await planOrphanPurge(project, { ...run, kube });
    for (const { name } of orphans) run.log.info(`Deployment ${name} has left the configuration; it is purged, too`);
    const own = await purgeAll([...orphans, ...deployments], {
      ...run,
      kube,
      ...purging,
      project: project.name,
      hooks,
    });
    if (!options.dependencies) return own;
    return [...own, ...(await purgeDependencies(project, options.dependencies, { ...run, hooks }))];
  });
}
