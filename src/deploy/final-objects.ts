import type { KubeObject } from '../kube/objects.ts';
import type { DeployRun } from './deploy-run.ts';
import { fillImages, replaceImageTags, type TaggedImage } from './image-tags.ts';
import { patchObjects } from './patch-objects.ts';
import type { PlannedObjects } from './planned-deployment.ts';
import { deploymentLabel, labelOf, type RecordId } from './record/record.ts';

/** The objects as they are applied: with the images of this run, their patches, and the label of their deployment. */
export function finalObjects(
  deployment: PlannedObjects,
  images: readonly TaggedImage[],
  id: Omit<RecordId, 'namespace'>,
): KubeObject[] {
  const { objects, patches, name } = deployment;
  const tagged = objects.map((object) => withImages(object, deployment, images));
  return patchObjects(tagged, fillImages(patches, images), name).objects.map((object) => {
    const labels = { ...object.metadata.labels, [deploymentLabel]: labelOf(id) };
    return { ...object, metadata: { ...object.metadata, labels } };
  });
}

function withImages(
  object: KubeObject,
  { updateImageTags, imageWords }: PlannedObjects,
  images: readonly TaggedImage[],
): KubeObject {
  const filled = imageWords === 'filled' ? fillImages(object, images) : object;
  return updateImageTags ? replaceImageTags(filled, images) : filled;
}

/** Servers before 1.23 have the autoscaler of components only under its former version, with the same fields. */
export async function withServedVersion(
  object: KubeObject,
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<KubeObject> {
  if (object.apiVersion !== 'autoscaling/v2') return object;
  const isServed = (await kube.isNamespaced(object, signal)) !== undefined;
  return isServed ? object : { ...object, apiVersion: 'autoscaling/v2beta2' };
}
