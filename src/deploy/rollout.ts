import type { Condition, KubeObject } from '../kube/objects.ts';

/** How far the cluster is with a workload. */
export interface Rollout {
  /** The new version has at least one pod (or the workload wants none). */
  readonly begun: boolean;
  /** Everything runs the new version and is ready. */
  readonly complete: boolean;
  readonly text: string;
  /** Set if it can never become complete. */
  readonly failed?: string;
}

interface WorkloadFields {
  readonly spec?: {
    readonly replicas?: number;
    readonly completions?: number;
    readonly updateStrategy?: { readonly type?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
    readonly succeeded?: number;
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
  };
}

const settled: Rollout = { begun: true, complete: true, text: 'applied' };
const unseen: Rollout = { begun: false, complete: false, text: 'not yet seen by its controller' };

/** The label selector of the workload's pods, `undefined` for kinds that have no pods. */
export function podSelector(object: KubeObject): string | undefined {
  const spec = object['spec'] as { readonly selector?: { readonly matchLabels?: Record<string, string> } } | undefined;
  if (!workloadKinds.has(object.kind) || !spec?.selector?.matchLabels) return undefined;
  return Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Kinds whose readiness is waited for; every other object is ready when it has been applied. */
const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job']);

export const isWorkload = (object: KubeObject): boolean => workloadKinds.has(object.kind) || object.kind === 'Pod';

/** Judges an object by its status, with the rules of `kubectl rollout status`. */
export function rolloutOf(object: KubeObject): Rollout {
  if (!isWorkload(object)) return settled;
  const { spec = {}, status = {} } = object as KubeObject & WorkloadFields;
  if (object.kind === 'Pod') return podRollout(status);
  if (object.kind === 'Job') return jobRollout(status, spec.completions ?? 1);
  if ((status.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return unseen;
  const wanted = object.kind === 'DaemonSet' ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const updated = updatedReplicas(object.kind, status, spec.updateStrategy?.type);
  const ready = object.kind === 'DaemonSet' ? (status.numberReady ?? 0) : (status.readyReplicas ?? 0);
  const extra = object.kind === 'Deployment' ? (status.replicas ?? 0) - updated : 0;
  const available = object.kind === 'Deployment' ? (status.availableReplicas ?? 0) : ready;
  return {
    begun: updated >= Math.min(1, wanted),
    complete: updated >= wanted && ready >= wanted && available >= wanted && extra <= 0,
    text: `${Math.min(ready, updated)} of ${wanted} ready`,
  };
}

function updatedReplicas(kind: string, status: NonNullable<WorkloadFields['status']>, strategy?: string): number {
  if (kind === 'DaemonSet') return status.updatedNumberScheduled ?? 0;
  if (kind === 'ReplicaSet' || strategy === 'OnDelete') return status.replicas ?? 0;
  return status.updatedReplicas ?? 0;
}

function podRollout(status: NonNullable<WorkloadFields['status']>): Rollout {
  const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
  return { begun: true, complete: ready || status.phase === 'Succeeded', text: status.phase ?? 'Pending' };
}

function jobRollout(status: NonNullable<WorkloadFields['status']>, completions: number): Rollout {
  const complete =
    status.conditions?.some(({ type, status: value }) => type === 'Complete' && value === 'True') === true;
  const failure = status.conditions?.find(({ type, status: value }) => type === 'Failed' && value === 'True');
  const text = `${status.succeeded ?? 0} of ${completions} completed`;
  return { begun: true, complete, text, ...(failure ? { failed: failure.message ?? failure.reason ?? 'failed' } : {}) };
}
