import { sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import { isForbidden } from '../kube/errors.ts';
import type { DeployRun } from './deploy-run.ts';

const serviceAccountWithinMs = 5_000;

/** Creates the namespace if it is missing, and waits until pods can be made in it. */
export async function ensureNamespace(
  name: string,
  { kube, log, signal }: Pick<DeployRun, 'kube' | 'log' | 'signal'>,
): Promise<void> {
  if (name === 'default') return;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    const found = await kube.read(ref, signal);
    if (found?.metadata.deletionTimestamp !== undefined) throw goingError(name);
    if (found) return;
  } catch (error) {
    // many roles may use a namespace without being allowed to look at it; applying will tell
    if (isForbidden(error)) return;
    throw error;
  }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await kube.apply(namespace, { defaultNamespace: name, conflicts: 'fail', signal });
  log.info(`Created namespace ${name}`);
  await waitForServiceAccount(name, { kube, signal });
}

/** Nothing can be made in it any more; the cluster would call that a lack of rights. */
const goingError = (name: string): UserError =>
  new UserError('KUBE_REJECTED', `Namespace ${name} is being deleted.`, {
    hint: 'Wait until it is gone, or name another one with --namespace.',
  });

/** A pod is refused as long as its namespace has no default service account, which comes a moment later. */
async function waitForServiceAccount(
  namespace: string,
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace };
  const startedAt = Date.now();
  while (Date.now() - startedAt < serviceAccountWithinMs) {
    const account = await kube.read(ref, signal);
    if (account) return;
    await sleep(100, signal);
  }
}
