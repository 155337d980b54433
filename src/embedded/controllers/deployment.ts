import { deleteObject } from '../api/delete.ts';
import {
  asObject,
  type Condition,
  type JsonObject,
  type KubeObject,
  sameJson,
  timestamp,
  without,
} from '../api/objects.ts';
import type { PodTemplate } from '../api/pod-types.ts';
import { type Objects, type Place, placeOf } from '../api/write.ts';
import type { Recorder } from '../kubelet/event-recorder.ts';
import { isOwnedBy } from './controller.ts';
import { condition, controllerReference, resolveCount, templateHash, withCondition } from './pods.ts';
import type { ReplicaSet } from './replica-set.ts';

export type Deployment = KubeObject & {
  spec: {
    replicas?: number;
    paused?: boolean;
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    progressDeadlineSeconds?: number;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
    selector?: JsonObject;
    template: PodTemplate;
  };
  status?: { conditions?: Condition[]; replicas?: number; updatedReplicas?: number; observedGeneration?: number };
};

const manager = 'kube-controller-manager';
const revisionKey = 'deployment.kubernetes.io/revision';
const hashKey = 'pod-template-hash';

/** Brings the replica sets of a deployment one step further towards its template. */
export function reconcileDeployment(objects: Objects, recorder: Recorder, place: Place): number | undefined {
  const resource = objects.resources.builtIn('deployments');
  const deployment = objects.get<Deployment>(resource, place);
  if (!deployment) return undefined;
  const sets = setsOf(objects, deployment);
  if (deployment.metadata.deletionTimestamp === undefined) {
    const current =
      findCurrent(deployment, sets) ??
      (deployment.spec.paused ? undefined : createSet(objects, recorder, { deployment, sets }));
    if (current) {
      markRevision(objects, deployment, { current, sets });
      const all = setsOf(objects, deployment);
      const targets = planScales(deployment, current.metadata.name, all);
      for (const set of all)
        scale(objects, recorder, { deployment, set, replicas: targets.get(set.metadata.name) ?? 0 });
      cleanUp(objects, deployment, current);
    }
  }
  return writeStatus(objects, place);
}

function setsOf(objects: Objects, deployment: Deployment): ReplicaSet[] {
  const all = objects.list<ReplicaSet>(objects.resources.builtIn('replicasets'), deployment.metadata.namespace);
  return all.filter((set) => isOwnedBy(set, deployment));
}

/** The set whose template is that of the deployment, apart from the label with the hash. */
function findCurrent(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.find((set) => {
    const labels = without(set.spec.template.metadata?.labels ?? {}, hashKey);
    const template = { ...set.spec.template, metadata: { ...set.spec.template.metadata, labels } };
    return sameJson(template, deployment.spec.template);
  });
}

function createSet(
  objects: Objects,
  recorder: Recorder,
  { deployment, sets }: { deployment: Deployment; sets: readonly ReplicaSet[] },
): ReplicaSet {
  const { spec, metadata } = deployment;
  const hash = templateHash(spec.template);
  const labels = { ...spec.template.metadata?.labels, [hashKey]: hash };
  const replicas = planScales(deployment, '', sets).get('') ?? 0;
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels,
      annotations: annotationsFor(deployment, nextRevision(sets)),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: { ...spec.selector, matchLabels: { ...asObject(spec.selector?.['matchLabels']), [hashKey]: hash } },
      template: { ...structuredClone(spec.template), metadata: { ...spec.template.metadata, labels } } as JsonObject,
    },
  };
  const created = objects.create(objects.resources.builtIn('replicasets'), set, { manager });
  const message = `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`;
  if (replicas > 0) recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  return created as ReplicaSet;
}

function revisionOf(object: KubeObject | undefined): number {
  return Number(object?.metadata.annotations?.[revisionKey] ?? 0);
}

function nextRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf)) + 1;
}

function annotationsFor({ metadata, spec }: Deployment, revision: number): Record<string, string> {
  const own = without(metadata.annotations ?? {}, 'kubectl.kubernetes.io/last-applied-configuration');
  const replicas = spec.replicas ?? 1;
  const surge = resolveCount(spec.strategy?.rollingUpdate?.maxSurge ?? 0, replicas, 'up');
  return {
    ...own,
    [revisionKey]: String(revision),
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + surge),
  };
}

/** A set that becomes current again (a rollback) gets a new number. */
function markRevision(
  objects: Objects,
  deployment: Deployment,
  { current, sets }: { current: ReplicaSet; sets: readonly ReplicaSet[] },
): void {
  const newest = Math.max(0, ...sets.filter(({ metadata }) => metadata.name !== current.metadata.name).map(revisionOf));
  const revision = revisionOf(current) > newest ? revisionOf(current) : newest + 1;
  const change = (draft: KubeObject) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, ...annotationsFor(deployment, revision) };
  };
  objects.edit(objects.resources.builtIn('replicasets'), placeOf(current), { manager, change });
  objects.edit(objects.resources.builtIn('deployments'), placeOf(deployment), {
    manager,
    change: (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [revisionKey]: String(revision) };
    },
  });
}

/**
 * How many replicas each set should have now, by name (`current` is the set of the present template). Never more than
 * replicas + maxSurge in all, never fewer than replicas − maxUnavailable available.
 */
export function planScales({ spec }: Deployment, current: string, sets: readonly ReplicaSet[]): Map<string, number> {
  const wanted = spec.replicas ?? 1;
  const old = sets.filter(({ metadata }) => metadata.name !== current);
  const live = old.filter((set) => (set.spec.replicas ?? 0) > 0 || (set.status?.replicas ?? 0) > 0);
  const own = sets.find(({ metadata }) => metadata.name === current);
  const have = own?.spec.replicas ?? 0;
  const plan = new Map(old.map((set) => [set.metadata.name, set.spec.replicas ?? 0]));
  if (spec.strategy?.type === 'Recreate') {
    for (const set of old) plan.set(set.metadata.name, 0);
    const isClear = live.every((set) => (set.status?.replicas ?? 0) === 0 && (set.spec.replicas ?? 0) === 0);
    return plan.set(current, isClear ? wanted : Math.min(have, wanted));
  }
  let surge = resolveCount(spec.strategy?.rollingUpdate?.maxSurge ?? '25%', wanted, 'up');
  const unavailable = Math.min(
    wanted,
    resolveCount(spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%', wanted, 'down'),
  );
  if (surge === 0 && unavailable === 0) surge = 1;
  const oldTotal = live.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0);
  const next = Math.min(wanted, Math.max(have, wanted + surge - oldTotal));
  plan.set(current, next);
  const unready = Math.max(0, have - (own?.status?.availableReplicas ?? 0));
  let spare = oldTotal + have - (wanted - unavailable) - unready;
  const remove = (set: ReplicaSet, count: number): void => {
    const left = plan.get(set.metadata.name) ?? 0;
    const number = Math.max(0, Math.min(left, count));
    plan.set(set.metadata.name, left - number);
    spare -= number;
  };
  // Old pods that do not work anyway go first and cost no availability.
  for (const set of live) remove(set, Math.min(spare, (set.spec.replicas ?? 0) - (set.status?.availableReplicas ?? 0)));
  let healthy =
    live.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), own?.status?.availableReplicas ?? 0) -
    (wanted - unavailable);
  for (const set of live) {
    const count = Math.min(healthy, plan.get(set.metadata.name) ?? 0);
    if (count <= 0) continue;
    remove(set, count);
    healthy -= count;
  }
  return plan;
}

function scale(
  objects: Objects,
  recorder: Recorder,
  { deployment, set, replicas }: { deployment: Deployment; set: ReplicaSet; replicas: number },
): void {
  const before = set.spec.replicas ?? 0;
  if (before === replicas) return;
  const change = (draft: ReplicaSet) => {
    draft.spec.replicas = replicas;
  };
  objects.edit<ReplicaSet>(objects.resources.builtIn('replicasets'), placeOf(set), { manager, change });
  const message = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`;
  recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
}

function cleanUp(objects: Objects, deployment: Deployment, current: ReplicaSet): void {
  const idle = setsOf(objects, deployment)
    .filter(
      (set) =>
        set.metadata.name !== current.metadata.name &&
        (set.spec.replicas ?? 0) === 0 &&
        (set.status?.replicas ?? 0) === 0,
    )
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  const surplus = idle.length - (deployment.spec.revisionHistoryLimit ?? 10);
  for (const set of idle.slice(0, Math.max(0, surplus)))
    deleteObject(objects, objects.resources.builtIn('replicasets'), { place: placeOf(set), options: {} });
}

function writeStatus(objects: Objects, place: Place): number | undefined {
  const resource = objects.resources.builtIn('deployments');
  const deployment = objects.get<Deployment>(resource, place);
  if (!deployment) return undefined;
  const sets = setsOf(objects, deployment);
  const current = findCurrent(deployment, sets);
  const sum = (key: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    sets.reduce((total, set) => total + (set.status?.[key] ?? 0), 0);
  const wanted = deployment.spec.replicas ?? 1;
  const counts = {
    replicas: sum('replicas'),
    ready: sum('readyReplicas'),
    available: sum('availableReplicas'),
    updated: current?.status?.replicas ?? 0,
  };
  const unavailable = Math.max(0, wanted - counts.available);
  const most = resolveCount(deployment.spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%', wanted, 'down');
  const hasMinimum = counts.available >= wanted - (deployment.spec.strategy?.type === 'Recreate' ? 0 : most);
  const isComplete = counts.updated === wanted && counts.replicas === wanted && counts.available === wanted;
  let conditions = withCondition(
    deployment.status?.conditions,
    hasMinimum
      ? condition('Available', 'True', 'MinimumReplicasAvailable: Deployment has minimum availability.')
      : condition('Available', 'False', 'MinimumReplicasUnavailable: Deployment does not have minimum availability.'),
  );
  const progress = progressOf(deployment, { set: current?.metadata.name ?? '', isComplete, counts });
  if (progress) conditions = withCondition(conditions, progress.condition);
  conditions = withFailureOf([...(current ? [current] : []), ...sets], conditions);
  objects.edit<Deployment>(resource, place, {
    manager,
    subresource: 'status',
    change: (draft) => {
      draft.status = {
        observedGeneration: deployment.metadata.generation ?? 1,
        ...positive({
          replicas: counts.replicas,
          updatedReplicas: counts.updated,
          readyReplicas: counts.ready,
          availableReplicas: counts.available,
          unavailableReplicas: unavailable,
        }),
        conditions: progress?.isFresh ? touch(conditions) : conditions,
      };
    },
  });
  return progress?.again;
}

/** That no pod can be made is told by the newest replica set that says so, for as long as it does. */
function withFailureOf(sets: readonly ReplicaSet[], conditions: Condition[]): Condition[] {
  const failure = sets
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure ? withCondition(conditions, failure) : conditions.filter(({ type }) => type !== 'ReplicaFailure');
}

function positive(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value > 0));
}

function touch(conditions: Condition[]): Condition[] {
  const lastUpdateTime = timestamp();
  return conditions.map((item) => (item.type === 'Progressing' ? { ...item, lastUpdateTime } : item));
}

interface Progress {
  readonly condition: Condition;
  readonly isFresh: boolean;
  readonly again?: number;
}

function progressOf(
  { spec, status }: Deployment,
  { set, isComplete, counts }: { set: string; isComplete: boolean; counts: { replicas: number; updated: number } },
): Progress | undefined {
  if (set === '') return undefined;
  const name = JSON.stringify(set);
  if (isComplete) {
    const words = `NewReplicaSetAvailable: ReplicaSet ${name} has successfully progressed.`;
    return { condition: condition('Progressing', 'True', words), isFresh: false };
  }
  const before = status?.conditions?.find(({ type }) => type === 'Progressing');
  const hasMoved =
    status?.replicas !== counts.replicas ||
    status.updatedReplicas !== counts.updated ||
    before?.reason === 'NewReplicaSetAvailable';
  const deadline = (spec.progressDeadlineSeconds ?? 600) * 1000;
  const left = Date.parse(before?.lastUpdateTime ?? '') + deadline - Date.now();
  if (before && !hasMoved && left <= 0) {
    const words = `ProgressDeadlineExceeded: ReplicaSet ${name} has timed out progressing.`;
    return { condition: condition('Progressing', 'False', words), isFresh: false };
  }
  if (before && !hasMoved) return { condition: before, isFresh: false, again: left + 100 };
  const words = `ReplicaSetUpdated: ReplicaSet ${name} is progressing.`;
  return { condition: condition('Progressing', 'True', words), isFresh: true, again: deadline + 100 };
}
