import type { Authenticator } from '../api/auth.ts';
import type { KubeObject } from '../api/objects.ts';
import { asObject } from '../api/objects.ts';
import type { Pod } from '../api/pod-types.ts';
import { quotaStatus } from '../api/quota.ts';
import { matchesSelector } from '../api/selectors.ts';
import { type Objects, type Place, placeOf } from '../api/write.ts';
import { createRecorder, type Recorder } from '../kubelet/event-recorder.ts';
import { type ControllerOptions, ownerNames, startController } from './controller.ts';
import { reconcileDeployment } from './deployment.ts';
import { reconcileEndpoints } from './endpoints.ts';
import {
  collectGarbage,
  defineAll,
  reconcileClaim,
  reconcileDefinition,
  reconcileNamespace,
  reconcileTokenSecret,
} from './housekeeping.ts';
import { reconcileJob } from './job.ts';
import { reconcileReplicaSet } from './replica-set.ts';
import { reconcileStatefulSet } from './stateful-set.ts';

export interface ControllersOptions {
  readonly objects: Objects;
  readonly authenticator: Authenticator;
  /** The certificate of the cluster, for `kube-root-ca.crt`. */
  readonly authority: string;
  readonly onError: (message: string) => void;
}

type WorkloadReconciler = (objects: Objects, recorder: Recorder, place: Place) => number | undefined;

const garbageDelayMs = 20;

/** Starts all controllers; returns what stops them. */
export function startControllers({ objects, authenticator, authority, onError }: ControllersOptions): () => void {
  const { resources } = objects;
  defineAll(objects);
  const control = (plural: string, reconcile: ControllerOptions['reconcile'], related?: ControllerOptions['related']) =>
    startController({
      objects,
      onError,
      resource: resources.builtIn(plural),
      reconcile,
      ...(related ? { related } : {}),
    });
  const workload = (kind: string, reconcile: WorkloadReconciler, owned: string) => {
    const record = createRecorder(objects, `${kind.toLowerCase()}-controller`);
    const related = [{ resource: resources.builtIn(owned), namesOf: ownerNames(kind) }];
    return control(`${kind.toLowerCase()}s`, (place) => reconcile(objects, record, place), related);
  };
  const stops = [
    control('namespaces', (place) => reconcileNamespace(objects, authority, place), [
      { resource: resources.builtIn('serviceaccounts'), namesOf: () => [] },
    ]),
    control('customresourcedefinitions', (place) => reconcileDefinition(objects, place)),
    control('persistentvolumeclaims', (place) => reconcileClaim(objects, place)),
    workload('Deployment', reconcileDeployment, 'replicasets'),
    workload('ReplicaSet', reconcileReplicaSet, 'pods'),
    workload('StatefulSet', reconcileStatefulSet, 'pods'),
    workload('Job', reconcileJob, 'pods'),
    control('services', (place) => reconcileEndpoints(objects, place), [
      { resource: resources.builtIn('pods'), namesOf: (pod) => servicesOf(objects, pod as Pod) },
    ]),
    control('secrets', (place) => reconcileTokenSecret({ objects, authenticator, authority }, place)),
    startGarbageCollector(objects),
    startQuotas(objects),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function servicesOf(objects: Objects, pod: Pod): string[] {
  return objects
    .list(objects.resources.builtIn('services'), pod.metadata.namespace)
    .filter((service: KubeObject) => {
      const selector = asObject(service['spec'])['selector'];
      return selector !== undefined && matchesSelector({ matchLabels: selector }, pod.metadata.labels);
    })
    .map(({ metadata }) => metadata.name);
}

/** Keeps the status of all quotas current. */
function startQuotas(objects: Objects): () => void {
  const quotas = objects.resources.builtIn('resourcequotas');
  return objects.store.watchAll(({ object }) => {
    for (const quota of objects.list(quotas, object.metadata.namespace ?? '')) {
      const change = (draft: KubeObject): void => {
        draft['status'] = quotaStatus(objects, draft);
      };
      objects.edit(quotas, placeOf(quota), { manager: 'kube-controller-manager', subresource: 'status', change });
    }
  });
}

/** Runs a moment after an object was deleted or marked for deletion, of whatever kind, also of ones defined later. */
function startGarbageCollector(objects: Objects): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = objects.store.watchAll(({ type, object }) => {
    if (type !== 'DELETED' && object.metadata.deletionTimestamp === undefined) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      collectGarbage(objects);
    }, garbageDelayMs);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
