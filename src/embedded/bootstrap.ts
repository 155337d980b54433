import os from 'node:os';
import type { JsonObject, KubeObject } from './api/objects.ts';
import { timestamp } from './api/objects.ts';
import { defaultRoles } from './api/rbac.ts';
import { ensure, type Objects } from './api/write.ts';
import { furnishNamespace } from './controllers/housekeeping.ts';
import { nodeName } from './kubelet/why-unschedulable.ts';

const manager = 'embedded';

/** Makes the objects that every cluster has from its first second on; what is there already stays. */
export function bootstrap(objects: Objects, authority: string): void {
  const make = (object: KubeObject): void => ensure(objects, object, manager);
  const role = (name: string, rules: JsonObject[]): void => make({ ...rbac('ClusterRole', name), rules });
  const bind = (name: string, group: string): void =>
    make({
      ...rbac('ClusterRoleBinding', name),
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
      subjects: [{ apiGroup: rbacGroup, kind: 'Group', name: group }],
    });
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    furnishNamespace(objects, name, { authority, manager });
  }
  make({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  make({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'embedded/folder',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
  for (const { name, rules } of defaultRoles()) role(name, rules);
  bind('cluster-admin', 'system:masters');
  const reviews = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'];
  role('system:basic-user', [
    { apiGroups: ['authorization.k8s.io'], resources: reviews, verbs: ['create'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ]);
  bind('system:basic-user', 'system:authenticated');
  make({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: nodeLabels() },
    spec: {},
    status: nodeStatus(),
  });
}

const rbacGroup = 'rbac.authorization.k8s.io';

function rbac(kind: string, name: string): KubeObject {
  return { apiVersion: `${rbacGroup}/v1`, kind, metadata: { name } };
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function nodeLabels(): Record<string, string> {
  return { 'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture() };
}

function nodeStatus(): JsonObject {
  const size = { cpu: String(os.availableParallelism()), memory: `${Math.floor(os.totalmem() / 1024)}Ki`, pods: '250' };
  const now = timestamp();
  const version = 'v1.32.0+embedded';
  return {
    capacity: size,
    allocatable: { ...size },
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastHeartbeatTime: now,
        lastTransitionTime: now,
      },
    ],
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: os.release(),
      osImage: 'embedded',
      containerRuntimeVersion: `node://${process.versions.node}`,
      kubeletVersion: version,
      kubeProxyVersion: version,
      operatingSystem: 'linux',
      architecture: architecture(),
    },
  };
}
