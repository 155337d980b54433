import { type KubeObject, type ObjectRef, objectName, refOf } from '../kube/objects.ts';
import type { DeployRun } from './deploy-run.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { fillImages, replaceImageTags, type TaggedImage } from './image-tags.ts';
import type { PlannedObjects } from './planned-deployment.ts';
import { podSelector } from './rollout.ts';
import { type Deleted, waitGone } from './wait-gone.ts';

/**
 * Applies the deployment's manifests with the images of this run and returns the objects as the cluster has them.
 * The namespace of the deployment is created if it is missing.
 */
export async function deployManifests(
  deployment: PlannedObjects,
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
export async function purgeManifests(deployment: PlannedObjects, run: DeployRun): Promise<ObjectRef[]> {
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
  { updateImageTags, imageWords }: PlannedObjects,
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
