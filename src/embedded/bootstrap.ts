import os from 'node:os';
import type { JsonObject, KubeObject } from './api/objects.ts';
import { timestamp } from './api/objects.ts';
import { defaultRoles } from './api/rbac.ts';
import type { Objects } from './api/write.ts';
import { nodeName } from './kubelet/why-unschedulable.ts';

const manager = 'embedded';

/** Makes the objects that every cluster has from its first second on; what is there already stays. */
export function bootstrap(objects: Objects, authority: string): void {
  const ensure = (plural: string, object: KubeObject): void => {
    const resource = objects.resources.builtIn(plural);
    const place = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    if (!objects.get(resource, place)) objects.create(resource, object, { manager });
  };
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    ensure('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    ensure('serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: name },
    });
    ensure('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace: name },
      data: { 'ca.crt': authority },
    });
  }
  ensure('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  ensure('storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'embedded/folder',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
  for (const { name, rules } of defaultRoles()) {
    ensure('clusterroles', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules,
    });
  }
  ensure('clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'cluster-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' }],
  });
  ensure('clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:basic-user' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:basic-user' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }],
  });
  ensure('clusterroles', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:basic-user' },
    rules: [
      {
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
        verbs: ['create'],
      },
      { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
    ],
  });
  ensure('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: nodeLabels() },
    spec: {},
    status: nodeStatus(),
  });
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
