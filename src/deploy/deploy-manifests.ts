import { sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, type ObjectRef, objectName, refOf } from '../kube/objects.ts';
import { fillImages, replaceImageTags, type TaggedImage } from './image-tags.ts';
import type { PlannedDeployment } from './planned-deployment.ts';
import { podSelector } from './rollout.ts';

/** What deploying needs from the run. */
export interface DeployRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly conflicts: 'fail' | 'take';
}

const goneWithinMs = 120_000;
const serviceAccountWithinMs = 5_000;

/**
 * Applies the deployment's manifests with the images of this run and returns the objects as the cluster has them.
 * The namespace of the deployment is created if it is missing.
 */
export async function deployManifests(
  deployment: PlannedDeployment,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<KubeObject[]> {
  const defaultNamespace = deployment.namespace ?? run.kube.namespace;
  await ensureNamespace(defaultNamespace, run);
  const applied: KubeObject[] = [];
  for (const object of deployment.objects) {
    run.log.status(`Applying ${objectName(refOf(object))}`);
    const options = { defaultNamespace, conflicts: run.conflicts, signal: run.signal };
    applied.push(await run.kube.apply(await withServedVersion(withImages(object, deployment, images), run), options));
  }
  run.log.status(undefined);
  run.log.done(`Deployed ${deployment.name} (${count(applied)}, namespace ${defaultNamespace})`);
  return applied;
}

/** Deletes what the manifests describe, last first, and waits until it is gone or, for pods, going. Returns what existed. */
export async function purgeManifests(deployment: PlannedDeployment, run: DeployRun): Promise<ObjectRef[]> {
  const defaultNamespace = deployment.namespace ?? run.kube.namespace;
  const deleted: Deleted[] = [];
  for (const described of [...deployment.objects].reverse()) {
    const object = await withServedVersion(described, run);
    const namespaced = await run.kube.isNamespaced(object, run.signal);
    const { namespace: _, ...ref } = refOf(object);
    const found = namespaced ? { ...ref, namespace: object.metadata.namespace ?? defaultNamespace } : ref;
    run.log.status(`Deleting ${objectName(found)}`);
    if (await run.kube.delete(found, run.signal)) deleted.push({ ref: found, labelSelector: podSelector(object) });
  }
  await waitGone(deleted, run);
  run.log.status(undefined);
  run.log.done(`Purged ${deployment.name} (${count(deleted)})`);
  return deleted.map(({ ref }) => ref);
}

const count = ({ length }: readonly unknown[]): string => (length === 1 ? '1 object' : `${length} objects`);

function withImages(
  object: KubeObject,
  { updateImageTags, imageWords }: PlannedDeployment,
  images: readonly TaggedImage[],
): KubeObject {
  const filled = imageWords === 'filled' ? fillImages(object, images) : object;
  return updateImageTags ? replaceImageTags(filled, images) : filled;
}

/** Servers before 1.23 have the autoscaler of components only under its former version, with the same fields. */
async function withServedVersion(object: KubeObject, { kube, signal }: DeployRun): Promise<KubeObject> {
  if (object.apiVersion !== 'autoscaling/v2') return object;
  const isServed = (await kube.isNamespaced(object, signal)) !== undefined;
  return isServed ? object : { ...object, apiVersion: 'autoscaling/v2beta2' };
}

async function ensureNamespace(name: string, { kube, log, signal }: DeployRun): Promise<void> {
  if (name === 'default') return;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    if (await kube.read(ref, signal)) return;
  } catch (error) {
    // many roles may use a namespace without being allowed to look at it; applying will tell
    if (error instanceof UserError && error.code === 'KUBE_FORBIDDEN') return;
    throw error;
  }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await kube.apply(namespace, { defaultNamespace: name, conflicts: 'fail', signal });
  log.info(`Created namespace ${name}`);
  await waitForServiceAccount(name, { kube, signal });
}

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

interface Deleted {
  readonly ref: ObjectRef;
  /** Of the pods that belong to it. */
  readonly labelSelector: string | undefined;
}

async function waitGone(deleted: readonly Deleted[], { kube, log, signal }: DeployRun): Promise<void> {
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
