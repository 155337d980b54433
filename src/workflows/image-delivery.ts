import type { BuildChoice, Delivery } from '../build/build-run.ts';
import { findMinikubeEngine } from '../build/local/minikube-engine.ts';
import { type DeliveryFacts, planDelivery } from '../build/local/plan-delivery.ts';
import type { ImageConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';
import type { DockerClient } from '../docker/client.ts';
import type { LocalCluster } from '../kube/local-cluster.ts';
import type { KubeChoice, Run } from './tools.ts';

/** What builds an image, and how it comes to the cluster from there. */
export interface ImageRoute {
  readonly docker: DockerClient;
  readonly delivery: Delivery;
}

/** Images, and the cluster that they are for. */
export interface ImagesOfCluster {
  readonly images: readonly ImageConfig[];
  readonly kubeChoice: KubeChoice;
}

/**
 * Decides by the context of the kubeconfig how each image comes to the cluster, and says so where it is not by a push.
 * The cluster is not contacted.
 */
export async function chooseRoutes(
  { images, kubeChoice }: ImagesOfCluster,
  { push: wish }: BuildChoice,
  run: Run,
): Promise<(image: ImageConfig) => ImageRoute> {
  const docker = await run.docker();
  if (images.length === 0) return () => ({ docker, delivery: 'keep local' });
  const local = await localClusterOf(kubeChoice, run);
  const routeTo = (engine: DeliveryFacts['engine'], loader: DeliveryFacts['loader']) => {
    const { delivery, words } = planDelivery(local, { wish, engine, loader });
    if (words !== undefined) run.log.info(words);
    return delivery;
  };
  const inMinikube = images.filter(({ avoidsMinikube = false }) => local?.kind === 'minikube' && !avoidsMinikube);
  const engine = inMinikube.length > 0 && local ? await findMinikubeEngine(local.name, run) : undefined;
  const minikube = engine && {
    docker: engine === 'of the run' ? docker : await run.docker(engine),
    delivery: routeTo('of the cluster', 'missing'),
  };
  if (minikube && inMinikube.length === images.length) return () => minikube;
  const own = { docker, delivery: routeTo('another', await findLoader(local, wish, run)) };
  return (image) => (minikube && inMinikube.includes(image) ? minikube : own);
}

/** Without a kubeconfig images can be built, too. */
async function localClusterOf(choice: KubeChoice, run: Run): Promise<LocalCluster | undefined> {
  try {
    return (await run.kube(choice)).localCluster();
  } catch (error) {
    if (error instanceof UserError && error.code === 'KUBE_CONFIG') return undefined;
    throw error;
  }
}

async function findLoader(
  local: LocalCluster | undefined,
  wish: BuildChoice['push'],
  { env, signal }: Run,
): Promise<DeliveryFacts['loader']> {
  if (!local || local.kind === 'shared' || wish === 'push') return 'missing';
  const { failure } = await runProgram({ program: local.kind, args: ['version'], cwd: '.', env, signal });
  return failure === undefined ? 'installed' : 'missing';
}
