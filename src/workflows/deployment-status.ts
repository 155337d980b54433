import type { DeploymentConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { listRecords } from '../deploy/record/record.ts';
import type { KubeClient } from '../kube/client.ts';

/** `unfinished`: a run began to deploy and did not come to its end. `unknown`: the cluster cannot be asked. */
export type DeploymentStatus = 'deployed' | 'not deployed' | 'unfinished' | 'unknown';

interface Asked {
  readonly project: string;
  readonly deployments: readonly Pick<DeploymentConfig, 'name' | 'namespace'>[];
  /** Rejects where there is no cluster. */
  kube(): Promise<KubeClient>;
  readonly signal: AbortSignal;
}

/** A list must not wait long for a cluster that is away. */
const answerWithinMs = 5_000;

/** What the cluster remembers about each deployment, by name. Without a cluster that answers it is `unknown` for all. */
export async function deploymentStatus({
  project,
  deployments,
  kube: connect,
  signal,
}: Asked): Promise<ReadonlyMap<string, DeploymentStatus>> {
  if (deployments.length === 0) return new Map();
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  try {
    const kube = await connect();
    const namespaces = new Set(deployments.map(({ namespace = kube.namespace }) => namespace));
    const known = new Map<string, DeploymentStatus>();
    for (const namespace of namespaces) {
      for (const { deployment, record } of await listRecords({ project, namespace }, { kube, signal: within })) {
        known.set(`${namespace}/${deployment}`, record.hash === undefined ? 'unfinished' : 'deployed');
      }
    }
    return new Map(
      deployments.map(({ name, namespace = kube.namespace }) => [
        name,
        known.get(`${namespace}/${name}`) ?? 'not deployed',
      ]),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError) && !within.aborted) throw error;
    return new Map(deployments.map(({ name }) => [name, 'unknown']));
  }
}
