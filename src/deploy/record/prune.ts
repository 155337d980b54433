import { isForbidden } from '../../kube/errors.ts';
import { type KubeObject, type ObjectRef, objectName } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { podSelector } from '../rollout.ts';
import { type Deleted, waitGone } from '../wait-gone.ts';
import { refKey } from './compare.ts';
import { readLive } from './live-objects.ts';
import { type DeploymentRecord, deploymentLabel, labelOf, type RecordId, writeRecord } from './record.ts';

/** A deployment of this run, and what is remembered about it. */
export interface Deployed {
  readonly id: RecordId;
  readonly outcome: 'deployed' | 'skipped';
  readonly record: DeploymentRecord;
  /** As the cluster has them. */
  readonly objects: readonly KubeObject[];
}

/** Kinds that hold data, or much that is not ours: nobody loses them by taking a line out of a manifest. */
const keptKinds = ['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim', 'PersistentVolume'];
export const isKeptKind = (kind: string): boolean => keptKinds.includes(kind);

/**
 * Deletes what left the manifests of the deployments, once all of them are deployed: an object may have moved from one to
 * another. Only what carries the label of its deployment is deleted, and each is told before. Returns what was deleted.
 */
export async function pruneStale(deployments: readonly Deployed[], run: DeployRun): Promise<ObjectRef[]> {
  const all: ObjectRef[] = [];
  const current = new Set(deployments.flatMap(({ record }) => record.objects.map(refKey)));
  for (const { id, record } of deployments) {
    if (record.stale.length === 0) continue;
    const candidates = record.stale.filter((ref) => !current.has(refKey(ref)));
    const { deleted, left } = await pruneObjects(id, candidates, run);
    all.push(...deleted);
    const { by: _, ...rest } = record;
    await writeRecord(id, { ...rest, stale: left }, run);
  }
  return all;
}

interface Pruned {
  readonly deleted: readonly ObjectRef[];
  /** What should go and could not. */
  readonly left: readonly ObjectRef[];
}

async function pruneObjects(id: RecordId, refs: readonly ObjectRef[], run: DeployRun): Promise<Pruned> {
  const live = await readLive(refs, run);
  const deleted: Deleted[] = [];
  const left: ObjectRef[] = [];
  for (const [index, ref] of refs.entries()) {
    const object = live[index];
    if (!object || !isOf(id, object)) continue;
    if (isKeptKind(ref.kind)) {
      run.log.warn(`${objectName(ref)} left the manifests of ${id.deployment}; it stays, since it may hold data`);
      continue;
    }
    run.log.info(`Deleting ${objectName(ref)}, which left the manifests of ${id.deployment}`);
    try {
      await run.kube.delete(ref, run.signal);
      deleted.push({ ref, labelSelector: podSelector(object) });
    } catch (error) {
      if (!isForbidden(error)) throw error;
      run.log.warn(`Your account may not delete ${objectName(ref)}`);
      left.push(ref);
    }
  }
  await waitGone(deleted, run);
  return { deleted: deleted.map(({ ref }) => ref), left };
}

/** Whether the object still belongs to the deployment; another one may have taken it over. */
export const isOf = (id: RecordId, { metadata: { labels = {} } }: KubeObject): boolean =>
  labels[deploymentLabel] === labelOf(id);
