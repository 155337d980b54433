import { purgeManifests } from '../deploy/deploy-manifests.ts';
import { planDeployments } from './deployments.ts';
import type { Project } from './project.ts';
import type { Tools } from './tools.ts';

export interface PurgeOptions {
  readonly only?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** Deletes what the deployments describe, the last deployment first, and waits until it is gone. */
export async function purge(project: Project, options: PurgeOptions, tools: Tools): Promise<void> {
  const deployments = planDeployments(project, options.only);
  const kube = await tools.kube(project.kubeChoice);
  const run = { ...tools, kube, conflicts: 'fail' as const, signal: options.signal };
  for (const deployment of deployments.reverse()) await purgeManifests(deployment, run);
}
