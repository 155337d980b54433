import { sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import { type ObjectRef, objectName, refOf } from '../kube/objects.ts';
import type { DeployRun } from './deploy-run.ts';

const goneWithinMs = 120_000;

/** Something that has been deleted, and may need some time to go. */
export interface Deleted {
  readonly ref: ObjectRef;
  /** Of the pods that belong to it. */
  readonly labelSelector: string | undefined;
}

/** Waits until it is gone or, for pods, going. Rejects with `DEPLOY_TIMEOUT` after two minutes. */
export async function waitGone(
  deleted: readonly Deleted[],
  { kube, log, signal }: Pick<DeployRun, 'kube' | 'log' | 'signal'>,
): Promise<void> {
  const startedAt = Date.now();
  const remains = async ({ ref, labelSelector }: Deleted): Promise<string | undefined> => {
    if (await kube.read(ref, signal)) return objectName(ref);
    if (labelSelector === undefined) return undefined;
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: ref.namespace ?? kube.namespace, labelSelector };
    const pods = await kube.list(query, signal);
    // a pod that is about to go takes its time; nobody brings it back
    const pod = pods.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    return pod && objectName(refOf(pod));
  };
  for (;;) {
    const left = (await Promise.all(deleted.map(remains))).filter((name) => name !== undefined);
    const [first] = left;
    if (first === undefined) return;
    if (Date.now() - startedAt > goneWithinMs) {
      throw new UserError('DEPLOY_TIMEOUT', `${left.join(', ')} did not go away.`, {
        hint: 'Look at their finalizers.',
      });
    }
    log.status(`Waiting until ${first} is gone`);
    await sleep(300, signal);
  }
}
