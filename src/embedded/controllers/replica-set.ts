import type { Condition, KubeObject } from '../api/objects.ts';
import { isPodReady, type Pod, type PodTemplate } from '../api/pod-types.ts';
import { StatusError } from '../api/status.ts';
import type { Objects, Place } from '../api/write.ts';
import type { Recorder } from '../kubelet/event-recorder.ts';
import { deletePod, isActive, isAvailable, ownedPods, podFromTemplate, withCondition } from './pods.ts';

export type ReplicaSet = KubeObject & {
  spec: {
    replicas?: number;
    minReadySeconds?: number;
    template: PodTemplate;
    selector?: { matchLabels?: Record<string, string> };
  };
  status?: {
    replicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    observedGeneration?: number;
    fullyLabeledReplicas?: number;
    conditions?: Condition[];
  };
};

const manager = 'kube-controller-manager';

/** Makes as many pods as the set asks for, and removes those that are too many. */
export function reconcileReplicaSet(objects: Objects, recorder: Recorder, place: Place): number | undefined {
  const resource = objects.resources.builtIn('replicasets');
  const set = objects.get<ReplicaSet>(resource, place);
  if (!set) return undefined;
  const pods = ownedPods(objects, set).filter(isActive);
  const missing = (set.spec.replicas ?? 1) - pods.length;
  let failure: StatusError | undefined;
  if (set.metadata.deletionTimestamp === undefined) {
    if (missing > 0) failure = createPods(objects, recorder, { set, count: missing });
    for (const pod of [...pods].sort(byValue).slice(0, Math.max(0, -missing))) {
      deletePod(objects, pod);
      recorder.record(set, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted pod: ${pod.metadata.name}`,
      });
    }
  }
  const now = ownedPods(objects, set).filter(isActive);
  const ready = now.filter(isPodReady);
  const available = ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds));
  objects.edit<ReplicaSet>(resource, place, {
    manager,
    subresource: 'status',
    change: (draft) => {
      draft.status = {
        replicas: now.length,
        ...(now.length > 0 ? { fullyLabeledReplicas: now.length } : {}),
        ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
        ...(available.length > 0 ? { availableReplicas: available.length } : {}),
        observedGeneration: set.metadata.generation ?? 1,
        ...(failure ? { conditions: withCondition(set.status?.conditions, failureCondition(failure)) } : {}),
      };
    },
  });
  // it is tried again, after growing pauses
  if (failure) throw failure;
  return available.length < ready.length ? 1000 : undefined;
}

const failureCondition = ({ message }: StatusError): Condition => ({
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message,
});

/** Gives why the cluster refuses one; the rest is not tried then. */
function createPods(
  objects: Objects,
  recorder: Recorder,
  { set, count }: { set: ReplicaSet; count: number },
): StatusError | undefined {
  for (let index = 0; index < count; index += 1) {
    const pod = podFromTemplate(set, set.spec.template, { generateName: `${set.metadata.name}-` });
    try {
      const created = objects.create(objects.resources.builtIn('pods'), pod, { manager });
      recorder.record(set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${created.metadata.name}`,
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      recorder.record(set, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${error.message}` });
      return error;
    }
  }
  return undefined;
}

/** Those that are worth least come first: not ready, then youngest. */
function byValue(a: Pod, b: Pod): number {
  const ready = Number(isPodReady(a)) - Number(isPodReady(b));
  return ready || ((a.metadata.creationTimestamp ?? '' < (b.metadata.creationTimestamp ?? '')) ? 1 : -1);
}
