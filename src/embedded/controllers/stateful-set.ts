import { asList, asObject, asText, at, type Json, type JsonObject, type KubeObject } from '../api/objects.ts';
import { isPodReady, type Pod, type PodTemplate } from '../api/pod-types.ts';
import type { Objects, Place } from '../api/write.ts';
import type { Recorder } from '../kubelet/event-recorder.ts';
import { deletePod, ownedPods, podFromTemplate, templateHash } from './pods.ts';

type StatefulSet = KubeObject & {
  spec: {
    replicas?: number;
    serviceName?: string;
    podManagementPolicy?: string;
    template: PodTemplate;
    [key: string]: Json | undefined;
  };
  status?: JsonObject;
};

const manager = 'kube-controller-manager';
const revisionLabel = 'controller-revision-hash';

/** Pods with fixed names, made and replaced one after the other. */
export function reconcileStatefulSet(objects: Objects, recorder: Recorder, place: Place): number | undefined {
  const resource = objects.resources.builtIn('statefulsets');
  const set = objects.get<StatefulSet>(resource, place);
  if (!set) return undefined;
  const revision = `${set.metadata.name}-${templateHash(set.spec.template)}`;
  if (set.metadata.deletionTimestamp === undefined) step(objects, recorder, { set, revision });
  const pods = ownedPods(objects, set);
  const ready = pods.filter(isPodReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision).length;
  objects.edit<StatefulSet>(resource, place, {
    manager,
    subresource: 'status',
    change: (draft) => {
      const isDone = updated === pods.length && pods.length === (set.spec.replicas ?? 1);
      const currentRevision = isDone ? revision : asText(set.status?.['currentRevision']) || revision;
      draft.status = {
        observedGeneration: set.metadata.generation ?? 1,
        replicas: pods.length,
        readyReplicas: ready,
        availableReplicas: ready,
        currentReplicas: pods.filter((pod) => pod.metadata.labels?.[revisionLabel] === currentRevision).length,
        updatedReplicas: updated,
        currentRevision,
        updateRevision: revision,
        collisionCount: 0,
      };
    },
  });
  return undefined;
}

function ordinal(pod: Pod): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}

/** One step: remove ended pods, create the next, remove the surplus from the end, replace old ones from the end. */
function step(objects: Objects, recorder: Recorder, { set, revision }: { set: StatefulSet; revision: string }): void {
  const wanted = set.spec.replicas ?? 1;
  const isParallel = set.spec.podManagementPolicy === 'Parallel';
  const pods = new Map(ownedPods(objects, set).map((pod) => [ordinal(pod), pod]));
  const remove = (pod: Pod): void => {
    deletePod(objects, pod);
    recorder.record(set, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    });
  };
  for (const pod of pods.values()) {
    if (pod.status?.phase === 'Failed' && pod.metadata.deletionTimestamp === undefined) remove(pod);
  }
  for (let index = 0; index < wanted; index += 1) {
    const pod = pods.get(index);
    if (!pod) createPod(objects, recorder, { set, revision, index });
    if (!isParallel && (!pod || !isPodReady(pod) || pod.metadata.deletionTimestamp !== undefined)) return;
  }
  const surplus = [...pods.values()].filter((pod) => ordinal(pod) >= wanted).sort((a, b) => ordinal(b) - ordinal(a));
  for (const pod of isParallel ? surplus : surplus.slice(0, 1))
    if (pod.metadata.deletionTimestamp === undefined) remove(pod);
  const strategy = asObject(set.spec['updateStrategy']);
  if (surplus.length > 0 || strategy['type'] === 'OnDelete') return;
  const partition = Number(at(strategy, 'rollingUpdate', 'partition') ?? 0);
  for (let index = wanted - 1; index >= partition; index -= 1) {
    const pod = pods.get(index);
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
    if (pod.metadata.labels?.[revisionLabel] !== revision) return remove(pod);
    if (!isPodReady(pod)) return;
  }
}

function createPod(
  objects: Objects,
  recorder: Recorder,
  { set, revision, index }: { set: StatefulSet; revision: string; index: number },
): void {
  const { name: setName, namespace = '' } = set.metadata;
  const name = `${setName}-${index}`;
  const labels = {
    [revisionLabel]: revision,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(index),
  };
  const pod = podFromTemplate(set, set.spec.template, { name, labels });
  pod.spec.hostname = name;
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName;
  for (const template of asList(set.spec['volumeClaimTemplates']).map(asObject)) {
    const claim = asText(at(template, 'metadata', 'name'));
    const claimName = `${claim}-${name}`;
    const claims = objects.resources.builtIn('persistentvolumeclaims');
    if (!objects.get(claims, { namespace, name: claimName })) {
      const object: KubeObject = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: claimName, namespace, labels: set.spec.template.metadata?.labels ?? {} },
        spec: structuredClone(asObject(template['spec'])),
      };
      objects.create(claims, object, { manager });
    }
    pod.spec.volumes = [
      ...(pod.spec.volumes ?? []).filter((volume) => volume.name !== claim),
      { name: claim, persistentVolumeClaim: { claimName } },
    ];
  }
  objects.create(objects.resources.builtIn('pods'), pod, { manager });
  recorder.record(set, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `create Pod ${name} in StatefulSet ${setName} successful`,
  });
}
