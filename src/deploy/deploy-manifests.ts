import { mapParallel } from '../core/map-parallel.ts';
import { type KubeObject, type ObjectRef, objectName } from '../kube/objects.ts';
import { applyObject, withoutTakenReplicas } from './apply-object.ts';
import type { DeployRun } from './deploy-run.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { finalObjects, withServedVersion } from './final-objects.ts';
import type { TaggedImage } from './image-tags.ts';
import type { PlannedObjects } from './planned-deployment.ts';
import { reasonOfObjects, reasonOfRecord, staleObjects, toRecorded } from './record/compare.ts';
import { placedRef, readLive } from './record/live-objects.ts';
import { type Deployed, isOf } from './record/prune.ts';
import {
  type DeploymentRecord,
  forgetRecord,
  hashOf,
  type RecordId,
  readRecord,
  writeRecord,
} from './record/record.ts';
import { podSelector } from './rollout.ts';
import { type Deleted, waitGone } from './wait-gone.ts';

/**
 * Applies the deployment's manifests with the images of this run and returns the objects as the cluster has them. What
 * the cluster has already, as far as it and our record of it tell, is not applied again. The namespace of the deployment
 * is created if it is missing.
 */
export async function deployManifests(
  deployment: PlannedObjects,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<Deployed> {
  const { name } = deployment;
  const namespace = deployment.namespace ?? run.kube.namespace;
  const id = { project: run.project, deployment: name, namespace };
  await ensureNamespace(namespace, run);
  const objects = await Promise.all(
    finalObjects(deployment, images, id).map((object) => withServedVersion(object, run)),
  );
  const hash = hashOf([namespace, objects]);
  const record = await readRecord(id, run);
  const known = await compare({ record, hash }, run);
  if ('objects' in known) {
    run.log.info(`Skipped ${name}: ${countOf(known.objects)} unchanged; --force-deploy deploys anyway`);
    return { id, outcome: 'skipped', ...known };
  }
  run.log.info(`Deploying ${name}: ${known.reason}`);
  const places = await Promise.all(objects.map((object) => placedRef(object, namespace, run)));
  await writeRecord(id, { objects: places, stale: staleObjects(record, places) }, run);
  const conflicts = deployment.forceConflicts ? 'take' : run.conflicts;
  const applied = await applyInOrder(objects, namespace, { ...run, conflicts });
  const recorded = await Promise.all(
    applied.map(async (object) => toRecorded(object, await placedRef(object, namespace, run))),
  );
  const finished = await writeRecord(id, { hash, objects: recorded, stale: staleObjects(record, recorded) }, run);
  run.log.done(`Deployed ${name} (${countOf(applied)}, namespace ${namespace})`);
  return { id, outcome: 'deployed', record: finished, objects: applied };
}

/** So many objects of one kind are applied at the same time; the cluster answers each in a few milliseconds. */
const appliedAtOnce = 8;

/** Neighbours of the same kind at the same time: none of them can need another. */
async function applyInOrder(
  objects: readonly KubeObject[],
  defaultNamespace: string,
  { kube, log, signal, conflicts }: DeployRun,
): Promise<KubeObject[]> {
  const applied: KubeObject[] = [];
  const wanted = await withoutTakenReplicas(objects, defaultNamespace, { kube, signal });
  for (const group of neighboursOfKind(wanted)) {
    const done = await mapParallel(group, { limit: appliedAtOnce, signal }, (object, groupSignal) => {
      log.status(`Applying ${object.kind} ${object.metadata.name}`);
      return applyObject(kube, object, { defaultNamespace, conflicts, signal: groupSignal });
    });
    applied.push(...done);
  }
  log.status(undefined);
  return applied;
}

function neighboursOfKind(objects: readonly KubeObject[]): KubeObject[][] {
  const groups: KubeObject[][] = [];
  for (const object of objects) {
    const last = groups.at(-1);
    const isSame = last?.[0]?.kind === object.kind && last[0].apiVersion === object.apiVersion;
    if (last && isSame) last.push(object);
    else groups.push([object]);
  }
  return groups;
}

interface Known {
  readonly record: DeploymentRecord | undefined;
  readonly hash: string;
}

/** Why it is deployed, or what the cluster has of it already. */
async function compare(
  { record, hash }: Known,
  run: DeployRun,
): Promise<{ readonly reason: string } | Pick<Deployed, 'record' | 'objects'>> {
  const changed = reasonOfRecord({ record, hash, redeploy: run.redeploy });
  if (changed !== undefined || !record) return { reason: changed ?? '' };
  const live = await readLive(record.objects, run);
  const reason = reasonOfObjects(record.objects, live);
  return reason === undefined ? { record, objects: live.filter((object) => object !== undefined) } : { reason };
}

/**
 * Deletes what the manifests describe and what is remembered of earlier ones, last first, and waits until it is gone or,
 * for pods, going. Returns what existed.
 */
export async function purgeManifests(deployment: PlannedObjects, run: DeployRun): Promise<ObjectRef[]> {
  const namespace = deployment.namespace ?? run.kube.namespace;
  const id = { project: run.project, deployment: deployment.name, namespace };
  const deleted: Deleted[] = [];
  const described = await Promise.all(
    deployment.objects.map(async (written) => {
      const object = await withServedVersion(written, run);
      return { ref: await placedRef(object, namespace, run), labelSelector: podSelector(object) };
    }),
  );
  const more = await rememberedObjects(id, described, run);
  for (const candidate of [...more, ...described.reverse()]) {
    run.log.status(`Deleting ${objectName(candidate.ref)}`);
    if (await run.kube.delete(candidate.ref, run.signal)) deleted.push(candidate);
  }
  await waitGone(deleted, run);
  await forgetRecord(id, run);
  run.log.status(undefined);
  run.log.done(`Purged ${deployment.name} (${countOf(deleted)})`);
  return deleted.map(({ ref }) => ref);
}

/** What was applied once, is not described any more, and still is ours. */
async function rememberedObjects(id: RecordId, described: readonly Deleted[], run: DeployRun): Promise<Deleted[]> {
  const record = await readRecord(id, run);
  const stale = staleObjects(
    record,
    described.map(({ ref }) => ref),
  );
  const live = await readLive(stale, run);
  return live.flatMap((object, index) => {
    const ref = stale[index];
    return object && ref && isOf(id, object) ? [{ ref, labelSelector: podSelector(object) }] : [];
  });
}

const countOf = ({ length }: readonly unknown[]): string => (length === 1 ? '1 object' : `${length} objects`);
