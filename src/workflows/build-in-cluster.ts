import type { ImageConfig } from '../config/types.ts';
import { errorText, UserError } from '../core/errors.ts';
import { ensureNamespace } from '../deploy/ensure-namespace.ts';
import type { DockerClient } from '../docker/client.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ImageRoute, ImagesOfCluster } from './image-delivery.ts';
import type { Run } from './tools.ts';

/**
 * Which images are built in the cluster, and in which; `undefined` for one that the engine builds. Those that want no engine
 * are, and those whose engine does not answer, where the file allows it and they are pushed. Rejects with
 * `DOCKER_UNREACHABLE` if an image has no other way.
 */
export async function chooseClusters(
  { images, kubeChoice }: ImagesOfCluster,
  routeOf: (image: ImageConfig) => ImageRoute,
  run: Run,
): Promise<(image: ImageConfig) => BuildCluster | undefined> {
  const inCluster = new Set(images.filter((image) => image.inCluster?.when === 'always'));
  const failures = await pingAll(
    new Set(images.filter((image) => !inCluster.has(image)).map((image) => routeOf(image).docker)),
    run,
  );
  const stranded = images.filter((image) => !inCluster.has(image) && failures.has(routeOf(image).docker));
  const [failure] = failures.values();
  if (failure !== undefined) {
    if (!stranded.every((image) => canFallBack(image, routeOf(image)))) throw failure;
    for (const image of stranded) inCluster.add(image);
  }
  if (inCluster.size === 0) return () => undefined;
  const kube = await run.kube(kubeChoice).catch((error: unknown) => {
    // that Docker does not run comes first, if there is no cluster either
    throw failure ?? error;
  });
  if (failure !== undefined) run.log.warn(`${errorText(failure)} Images are built in the cluster with kaniko instead`);
  const namespaces = new Set([...inCluster].map(({ inCluster: kaniko }) => kaniko?.namespace ?? kube.namespace));
  for (const namespace of namespaces) await ensureNamespace(namespace, { ...run, kube });
  const instead = (image: ImageConfig) =>
    failure !== undefined && stranded.includes(image) ? { instead: failure } : {};
  return (image) => (inCluster.has(image) ? { kube, ...instead(image) } : undefined);
}

/** The cluster that builds an image. */
export interface BuildCluster {
  readonly kube: KubeClient;
  /** Why no engine builds it, as the image wants it. */
  readonly instead?: UserError;
}

/** Pure: that no engine answers is told first where the cluster cannot stand in for it. */
export function explainFailure(error: unknown, cluster: BuildCluster | undefined): unknown {
  const { instead } = cluster ?? {};
  if (!instead || !(error instanceof UserError) || error.code !== 'BUILD_POD') return error;
  const message = `${instead.message} The cluster could not build in its place: ${error.message}`;
  return new UserError('DOCKER_UNREACHABLE', message, { cause: error });
}

/** Pure: whether the cluster may build in place of the engine: what would not be pushed could not be pulled. */
export function canFallBack({ inCluster, skipPush }: ImageConfig, { delivery }: Pick<ImageRoute, 'delivery'>): boolean {
  return inCluster?.when === 'without engine' && delivery === 'push' && !skipPush;
}

async function pingAll(engines: ReadonlySet<DockerClient>, { signal }: Run): Promise<Map<DockerClient, UserError>> {
  const failures = new Map<DockerClient, UserError>();
  for (const docker of engines) {
    try {
      await docker.ping(signal);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'DOCKER_UNREACHABLE') throw error;
      failures.set(docker, error);
    }
  }
  return failures;
}
