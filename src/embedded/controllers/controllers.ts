import type { Authenticator } from '../api/auth.ts';
import type { KubeObject } from '../api/objects.ts';
import { asObject } from '../api/objects.ts';
import type { Pod } from '../api/pod-types.ts';
import { quotaStatus } from '../api/quota.ts';
import { matchesSelector } from '../api/selectors.ts';
import type { Objects } from '../api/write.ts';
import { createRecorder } from '../kubelet/event-recorder.ts';
import { ownerNames, startController } from './controller.ts';
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

const garbageDelayMs = 20;

/** Starts all controllers; returns what stops them. */
export function startControllers({ objects, authenticator, authority, onError }: ControllersOptions): () => void {
  const { resources } = objects;
  const pods = resources.builtIn('pods');
  const recorder = (name: string) => createRecorder(objects, name);
  defineAll(objects);
  const ownedPods = (kind: string) => [{ resource: pods, namesOf: ownerNames(kind) }];
  const common = { objects, onError };
  const stops = [
    startController({
      ...common,
      resource: resources.builtIn('namespaces'),
      related: [{ resource: resources.builtIn('serviceaccounts'), namesOf: () => [] }],
      reconcile: (place) => reconcileNamespace(objects, authority, place),
    }),
    startController({
      ...common,
      resource: resources.builtIn('customresourcedefinitions'),
      reconcile: (place) => reconcileDefinition(objects, place),
    }),
    startController({
      ...common,
      resource: resources.builtIn('persistentvolumeclaims'),
      reconcile: (place) => reconcileClaim(objects, place),
    }),
    startController({
      ...common,
      resource: resources.builtIn('deployments'),
      related: [{ resource: resources.builtIn('replicasets'), namesOf: ownerNames('Deployment') }],
      reconcile: (
        (record) => (place) =>
          reconcileDeployment(objects, record, place)
      )(recorder('deployment-controller')),
    }),
    startController({
      ...common,
      resource: resources.builtIn('replicasets'),
      related: ownedPods('ReplicaSet'),
      reconcile: (
        (record) => (place) =>
          reconcileReplicaSet(objects, record, place)
      )(recorder('replicaset-controller')),
    }),
    startController({
      ...common,
      resource: resources.builtIn('statefulsets'),
      related: ownedPods('StatefulSet'),
      reconcile: (
        (record) => (place) =>
          reconcileStatefulSet(objects, record, place)
      )(recorder('statefulset-controller')),
    }),
    startController({
      ...common,
      resource: resources.builtIn('jobs'),
      related: ownedPods('Job'),
      reconcile: (
        (record) => (place) =>
          reconcileJob(objects, record, place)
      )(recorder('job-controller')),
    }),
    startController({
      ...common,
      resource: resources.builtIn('services'),
      related: [{ resource: pods, namesOf: (pod) => servicesOf(objects, pod as Pod) }],
      reconcile: (place) => reconcileEndpoints(objects, place),
    }),
    startController({
      ...common,
      resource: resources.builtIn('secrets'),
      reconcile: (place) => reconcileTokenSecret({ objects, authenticator, authority }, place),
    }),
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
      const { name, namespace = '' } = quota.metadata;
      objects.edit(
        quotas,
        { name, namespace },
        {
          manager: 'kube-controller-manager',
          subresource: 'status',
          change: (draft) => {
            draft['status'] = quotaStatus(objects, draft);
          },
        },
      );
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
