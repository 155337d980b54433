import type { DeploymentConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { deployManifests } from '../deploy/deploy-manifests.ts';
import type { TaggedImage } from '../deploy/image-tags.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Run } from './images.ts';
import type { Project } from './project.ts';

export interface DeployChoice {
  /** Names of deployments; all without it. */
  readonly only?: readonly string[] | undefined;
  readonly conflicts: 'fail' | 'take';
}

/** Deploys in the order of the list and returns the objects as the cluster has them. */
export async function deployAll(
  project: Project,
  built: { readonly images: readonly TaggedImage[]; readonly kube: KubeClient; readonly choice: DeployChoice },
  run: Run,
): Promise<KubeObject[]> {
  const applied: KubeObject[] = [];
  for (const deployment of selectDeployments(project, built.choice.only)) {
    const { kube, images, choice } = built;
    const { conflicts } = choice;
    applied.push(
      ...(await deployManifests(deployment, images, { ...run, kube, projectRoot: project.root, conflicts })),
    );
  }
  return applied;
}

/** The deployments that the flag names, in the order of the configuration. Throws `USAGE` for an unknown name. */
export function selectDeployments(project: Project, only: readonly string[] | undefined): readonly DeploymentConfig[] {
  const { deployments } = project.config;
  if (!only) return deployments;
  for (const name of only) {
    if (deployments.some((deployment) => deployment.name === name)) continue;
    const names = deployments.map((deployment) => deployment.name).join(', ') || 'none';
    throw new UserError('USAGE', `There is no deployment ${name}.`, { hint: `This project has: ${names}.` });
  }
  return deployments.filter(({ name }) => only.includes(name));
}
