import type { DeploymentConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { type DeployRun, deployManifests, purgeManifests } from '../deploy/deploy-manifests.ts';
import type { TaggedImage } from '../deploy/image-tags.ts';
import type { PlannedDeployment, RenderRun } from '../deploy/planned-deployment.ts';
import { renderDeployment } from '../deploy/render-deployment.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Hooks } from './hooks/hooks.ts';
import type { Project } from './project.ts';

export interface DeployChoice {
  /** Names of deployments; all without it. */
  readonly only?: readonly string[] | undefined;
  readonly conflicts: 'fail' | 'take';
}

/** Renders the wanted deployments, so that a mistake in them is told before anything is built. */
export async function planDeployments(
  project: Project,
  only: readonly string[] | undefined,
  run: RenderRun,
): Promise<PlannedDeployment[]> {
  const wanted = selectDeployments(project, only);
  return Promise.all(wanted.map((deployment) => renderDeployment(deployment, project.root, run)));
}

export interface HookedDeployRun extends DeployRun {
  readonly hooks: Hooks;
}

/** Deploys in the order of the list and returns the objects as the cluster has them. */
export async function deployAll(
  deployments: readonly PlannedDeployment[],
  images: readonly TaggedImage[],
  run: HookedDeployRun,
): Promise<KubeObject[]> {
  return run.hooks.around({ step: 'deploy' }, async () => {
    const applied: KubeObject[] = [];
    for (const deployment of deployments) {
      const deploy = () => deployManifests(deployment, images, run);
      applied.push(...(await run.hooks.around({ step: 'deploy', name: deployment.name }, deploy, factsOf(deployment))));
    }
    return applied;
  });
}

/** Deletes what the deployments describe, in the order given. */
export async function purgeAll(deployments: readonly PlannedDeployment[], run: HookedDeployRun): Promise<void> {
  await run.hooks.around({ step: 'purge' }, async () => {
    for (const deployment of deployments) {
      const purge = () => purgeManifests(deployment, run);
      await run.hooks.around({ step: 'purge', name: deployment.name }, purge, factsOf(deployment));
    }
  });
}

const factsOf = ({ name }: PlannedDeployment) => ({ DEPLOY_NAME: name });

/** The deployments that the flag names, in the order of the configuration. Throws `USAGE` for an unknown name. */
function selectDeployments(project: Project, only: readonly string[] | undefined): readonly DeploymentConfig[] {
  const { deployments } = project.config;
  if (!only) return deployments;
  for (const name of only) {
    if (deployments.some((deployment) => deployment.name === name)) continue;
    const names = deployments.map((deployment) => deployment.name).join(', ') || 'none';
    throw new UserError('USAGE', `There is no deployment ${name}.`, { hint: `This project has: ${names}.` });
  }
  return deployments.filter(({ name }) => only.includes(name));
}
