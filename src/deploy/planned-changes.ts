import { isForbidden } from '../kube/errors.ts';
import { type KubeObject, type ObjectRef, refOf } from '../kube/objects.ts';
import { applyObject, withoutTakenReplicas } from './apply-object.ts';
import type { DeployRun } from './deploy-run.ts';
import { finalObjects, withServedVersion } from './final-objects.ts';
import type { TaggedImage } from './image-tags.ts';
import type { PlannedDeployment, PlannedObjects, PlannedRelease } from './planned-deployment.ts';
import { refKey, staleObjects } from './record/compare.ts';
import { placedRef, readLive } from './record/live-objects.ts';
import { isKeptKind, isOf } from './record/prune.ts';
import { readRecord } from './record/record.ts';
import { toHelmTarget } from './release/helm-target.ts';
import { releaseObjects } from './release/release-objects.ts';
import { readReleaseState } from './release/release-state.ts';
import { renderedObjects } from './rendered-objects.ts';

/** What would become of one object. */
export interface PlannedChange {
  readonly ref: ObjectRef;
  /** Absent: it is not there yet. */
  readonly before?: KubeObject;
  /** Absent: it would be deleted. */
  readonly after?: KubeObject;
}

/**
 * What deploying would change, object by object. The cluster itself says what it would make of manifests (a dry run of
 * server-side apply), so that what it refuses is told as it would be in earnest. Of a chart the manifest of the release
 * is compared with the new one, since Helm changes nothing else. Nothing is changed.
 */
export async function plannedChanges(
  deployment: PlannedDeployment,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<PlannedChange[]> {
  return deployment.kind === 'release'
    ? changesOfRelease(deployment, images, run)
    : changesOfObjects(deployment, images, run);
}

async function changesOfObjects(
  deployment: PlannedObjects,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<PlannedChange[]> {
  const namespace = deployment.namespace ?? run.kube.namespace;
  const id = { project: run.project, deployment: deployment.name, namespace };
  const trying = { ...run, conflicts: deployment.forceConflicts ? ('take' as const) : run.conflicts };
  const changes: PlannedChange[] = [];
  const missing = await missingNamespaces(deployment.objects, namespace, run);
  const served = finalObjects(deployment, images, id).map((object) => withServedVersion(object, run));
  for (const object of await withoutTakenReplicas(await Promise.all(served), namespace, run)) {
    const ref = await placedRef(object, namespace, run);
    const [before] = await readLive([ref], run);
    const canAsk = ref.namespace === undefined || !missing.includes(ref.namespace);
    const after = canAsk ? await tryApply(object, namespace, trying) : object;
    changes.push({ ref, after, ...(before ? { before } : {}) });
  }
  const record = await readRecord(id, run);
  const stale = staleObjects(
    record,
    changes.map(({ ref }) => ref),
  ).filter(({ kind }) => !isKeptKind(kind));
  for (const [index, before] of (await readLive(stale, run)).entries()) {
    const ref = stale[index];
    if (ref && before && isOf(id, before)) changes.push({ ref, before });
  }
  return changes;
}

/** A kind that an earlier object of the same deployment defines is not known before that is applied. */
async function tryApply(object: KubeObject, defaultNamespace: string, run: DeployRun): Promise<KubeObject> {
  const isKnown = (await run.kube.isNamespaced(object, run.signal)) !== undefined;
  if (!isKnown) return object;
  const { conflicts, signal } = run;
  return applyObject(run.kube, object, { defaultNamespace, conflicts, effect: 'dry run', signal });
}

/** The cluster refuses a dry run in a namespace that is still to be created. */
async function missingNamespaces(
  objects: readonly KubeObject[],
  namespace: string,
  { kube, signal }: DeployRun,
): Promise<string[]> {
  const names = new Set([namespace, ...objects.flatMap(({ metadata }) => metadata.namespace ?? [])]);
  const missing: string[] = [];
  for (const name of names) {
    try {
      if (!(await kube.read({ apiVersion: 'v1', kind: 'Namespace', name }, signal))) missing.push(name);
    } catch (error) {
      // many roles may use a namespace without being allowed to look at it
      if (!isForbidden(error)) throw error;
    }
  }
  return missing;
}

async function changesOfRelease(
  release: PlannedRelease,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<PlannedChange[]> {
  const target = toHelmTarget(release.helm, release.projectRoot, run);
  const { namespace } = target.ref;
  const place = { ...run, namespace };
  const rendered = await renderedObjects(release, images, place);
  const after = await Promise.all(
    rendered
      .filter((object) => !isHook(object))
      .map(async (object) => ({ ref: await placedRef(object, namespace, run), after: object })),
  );
  const exists = (await readReleaseState(target.ref, run)) !== undefined;
  const now = exists ? await releaseObjects(target, run) : [];
  const before = new Map(now.map((object) => [refKey(refOf(object)), object]));
  const changes = after.map(({ ref, after: object }) => {
    const old = before.get(refKey(ref));
    before.delete(refKey(ref));
    return { ref, after: withNamespace(object, ref), ...(old ? { before: old } : {}) };
  });
  return [...changes, ...[...before.values()].map((object) => ({ ref: refOf(object), before: object }))];
}

const withNamespace = (object: KubeObject, { namespace }: ObjectRef): KubeObject =>
  namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };

/** Hooks are run, they are no part of the release. */
const isHook = ({ metadata }: KubeObject): boolean => metadata.annotations?.['helm.sh/hook'] !== undefined;
