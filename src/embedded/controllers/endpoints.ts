import { deleteObject } from '../api/delete.ts';
import { asList, asObject, asText, type JsonObject, type KubeObject } from '../api/objects.ts';
import { isPodReady, type Pod } from '../api/pod-types.ts';
import { matchesSelector } from '../api/selectors.ts';
import type { Objects, Place } from '../api/write.ts';
import { targetPort } from '../kubelet/service-routes.ts';
import { controllerReference, isActive } from './pods.ts';

const manager = 'kube-controller-manager';

/** Writes `Endpoints` and an `EndpointSlice` with the pods behind a service. */
export function reconcileEndpoints(objects: Objects, place: Place): undefined {
  const service = objects.get(objects.resources.builtIn('services'), place);
  if (!service) {
    const endpoints = objects.resources.builtIn('endpoints');
    if (objects.get(endpoints, place)) deleteObject(objects, endpoints, { place, options: {} });
    return;
  }
  const spec = asObject(service['spec']);
  if (spec['selector'] === undefined) return;
  const pods = objects
    .list<Pod>(objects.resources.builtIn('pods'), place.namespace)
    .filter(
      (pod) =>
        isActive(pod) &&
        pod.status?.podIP &&
        matchesSelector({ matchLabels: spec['selector'] ?? {} }, pod.metadata.labels),
    );
  const labels = { ...service.metadata.labels };
  write(objects, 'endpoints', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...place, labels },
    ...(pods.length > 0 ? { subsets: subsets(service, pods) } : {}),
  });
  write(objects, 'endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${place.name}-slice`,
      namespace: place.namespace,
      labels: {
        ...labels,
        'kubernetes.io/service-name': place.name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => {
      const ready = isPodReady(pod);
      return {
        addresses: [pod.status?.podIP ?? ''],
        conditions: { ready, serving: ready, terminating: false },
        nodeName: pod.spec.nodeName ?? '',
        targetRef: reference(pod),
      };
    }),
    ports: pods[0] ? portsOf(service, pods[0]).map((port) => ({ name: '', ...port })) : [],
  });
}

function write(objects: Objects, plural: string, wanted: KubeObject): void {
  const resource = objects.resources.builtIn(plural);
  const { name, namespace = '' } = wanted.metadata;
  if (!objects.get(resource, { namespace, name })) objects.create(resource, wanted, { manager });
  else {
    const change = (draft: KubeObject) => {
      for (const key of ['subsets', 'endpoints', 'ports']) {
        if (wanted[key] === undefined) delete draft[key];
        else draft[key] = wanted[key];
      }
    };
    objects.edit(resource, { namespace, name }, { manager, change });
  }
}

function reference({ metadata }: Pod): JsonObject {
  return { kind: 'Pod', namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

function portsOf(service: KubeObject, pod: Pod): JsonObject[] {
  return asList(asObject(service['spec'])['ports'])
    .map(asObject)
    .map(({ name, port, protocol }) => ({
      ...(asText(name) === '' ? {} : { name }),
      port: targetPort(service, pod, Number(port)),
      protocol: protocol ?? 'TCP',
    }));
}

/** Ready and unready addresses; pods whose named ports differ would need more subsets, which nobody here makes. */
function subsets(service: KubeObject, pods: readonly Pod[]): JsonObject[] {
  const address = (pod: Pod): JsonObject => ({
    ip: pod.status?.podIP ?? '',
    nodeName: pod.spec.nodeName ?? '',
    targetRef: reference(pod),
  });
  const ready = pods.filter(isPodReady).map(address);
  const unready = pods.filter((pod) => !isPodReady(pod)).map(address);
  const ports = pods[0] ? portsOf(service, pods[0]) : [];
  return [
    {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(unready.length > 0 ? { notReadyAddresses: unready } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    },
  ];
}
