import { ownRepositories, selectStaleImages } from '../build/select-stale-images.ts';
import type { DockerClient } from '../docker/client.ts';
import { chooseRoutes } from './image-delivery.ts';
import type { Project } from './project.ts';
import type { Run } from './tools.ts';

export interface CleanedImages {
  /** `repository:tag`, or the number of an image that lost its tag. */
  readonly deleted: readonly string[];
  /** They stay: containers run from them, or other images are made of them. */
  readonly inUse: readonly string[];
}

/**
 * Deletes from the engines that build for this project what earlier builds of its images left there; with `all` every
 * tag of them. Registries keep what they have.
 */
export async function cleanupImages(project: Project, scope: 'outdated' | 'all', run: Run): Promise<CleanedImages> {
  const { config, kubeChoice } = project;
  const { images } = config;
  const repositories =
    scope === 'all'
      ? images.map(({ image }) => ({ image, keep: [] }))
      : ownRepositories(images, config.dev.overrideImages);
  const routeOf = await chooseRoutes({ images, kubeChoice }, { push: 'push', rebuild: 'when needed' }, run);
  const result = { deleted: [] as string[], inUse: [] as string[] };
  for (const docker of new Set(images.map((image) => routeOf(image).docker))) {
    const stale = selectStaleImages(await docker.listImages(run.signal), repositories, scope);
    for (const name of stale) result[await deleteOne(name, docker, run)].push(name);
  }
  run.log.status(undefined);
  const { deleted, inUse } = result;
  if (inUse.length > 0) run.log.info(`Kept, as they are in use: ${inUse.join(', ')}`);
  run.log.done(deleted.length === 0 ? 'There was nothing to delete' : `Deleted ${deleted.join(', ')}`);
  return result;
}

async function deleteOne(name: string, docker: DockerClient, run: Run): Promise<keyof CleanedImages> {
  run.log.status(`Deleting ${name}`);
  return (await docker.deleteImage(name, run.signal)) === 'in use' ? 'inUse' : 'deleted';
}
