import type { LocalCluster } from '../../kube/local-cluster.ts';
import type { BuildChoice, ClusterLoader, Delivery } from '../build-run.ts';

export interface DeliveryFacts {
  readonly wish: BuildChoice['push'];
  /** Whether the nodes of the cluster run on the engine that builds. */
  readonly engine: 'of the cluster' | 'another';
  /** Whether the program that loads images into this kind of cluster can be started. */
  readonly loader: 'installed' | 'missing';
}

export interface PlannedDelivery {
  readonly delivery: Delivery;
  /** What the user should know about it; nothing where it is as always. */
  readonly words?: string;
}

/** Pure: how images come to the cluster. A cluster of this machine needs no push, unless the flags ask for one. */
export function planDelivery(
  local: LocalCluster | undefined,
  { wish, engine, loader }: DeliveryFacts,
): PlannedDelivery {
  const unloaded = wish === 'keep local' ? 'keep local' : 'push';
  if (!local || wish === 'push') return { delivery: unloaded };
  const where = `the cluster ${local.name}`;
  if (local.kind === 'shared' || engine === 'of the cluster') {
    return { delivery: 'keep local', words: `Images are not pushed: ${where} runs on the engine that builds them` };
  }
  if (loader === 'installed') {
    return {
      delivery: planLoader(local.kind, local.name),
      words: `Images are not pushed: ${local.kind} loads them into ${where}`,
    };
  }
  if (wish === 'keep local') return { delivery: unloaded };
  return {
    delivery: unloaded,
    words: `Images are pushed: ${local.kind}, which could load them into ${where}, is not installed`,
  };
}

/** The call that loads images of the engine into the cluster; their names follow. */
function planLoader(program: 'kind' | 'k3d' | 'minikube', cluster: string): ClusterLoader {
  const args = {
    kind: ['load', 'docker-image', '--name', cluster],
    k3d: ['image', 'import', '--cluster', cluster],
    minikube: ['image', 'load', '--profile', cluster],
  };
  return { program, args: args[program], cluster };
}
