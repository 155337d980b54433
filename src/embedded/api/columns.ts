import { asList, asObject, asText, at, type Json, type JsonObject, type KubeObject } from './objects.ts';
import type { Pod } from './pod-types.ts';
import type { Resource } from './resources.ts';

interface Column {
  readonly name: string;
  readonly cell: (object: KubeObject) => Json;
  readonly type?: string;
  readonly format?: string;
  /** Columns above 0 are shown with `-o wide` only. */
  readonly priority?: number;
}

export function column(name: string, cell: Column['cell'], more: Partial<Column> = {}): Column {
  return { name, cell, ...more };
}

export const wide = { priority: 1 };

/** The path of a field, a path of a number after `#`, or what makes the cell. */
type Cell = string | Column['cell'];

function toColumn([title, cell]: [string, Cell]): Column {
  const name = title.replace(/\+$/, '');
  const more = name === title ? {} : wide;
  if (typeof cell === 'function') return column(name, cell, more);
  if (cell.startsWith('#'))
    return column(name, (object) => countAt(object, cell.slice(1)), { ...more, type: 'integer' });
  return column(name, (object) => text(valueAt(object, cell)), more);
}

function valueAt(object: Json | undefined, path: string): Json | undefined {
  return at(object, ...path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
}

function textAt(object: Json | undefined, path: string): string {
  return asText(valueAt(object, path));
}

function countAt(object: Json | undefined, path: string): number {
  return number(valueAt(object, path));
}

function text(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return '<none>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** How long ago, as kubectl prints it: `5s`, `3m20s`, `2h`, `4d`. */
export function ago(time: string | undefined, now = Date.now()): string {
  if (time === undefined) return '<unknown>';
  return duration(Math.max(0, Math.floor((now - Date.parse(time)) / 1000)));
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = (value: number, unit: string) => (value === 0 ? '' : `${value}${unit}`);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${rest(seconds % 60, 's')}`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return `${hours}h${rest(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 8 ? `${days}d${rest(hours % 24, 'h')}` : `${days}d`;
}

/** The columns of a kind without its name, as the real server has them. */
export function columnsOf({ kind, definition }: Resource): Column[] {
  const columns = definition ? customColumns(definition) : [];
  return columns.length > 0 ? columns : Object.entries<Cell>(byKind[kind] ?? { Age: age }).map(toColumn);
}

function customColumns(version: JsonObject): Column[] {
  return asList(version['additionalPrinterColumns']).map((item) => {
    const path = textAt(item, 'jsonPath').replace(/^\.+/, '');
    const type = textAt(item, 'type');
    const cell = (object: KubeObject): Json => {
      const value = valueAt(object, path);
      if (value === undefined) return null;
      return type === 'date' ? ago(asText(value)) : value;
    };
    return column(textAt(item, 'name'), cell, { type, priority: countAt(item, 'priority') });
  });
}

const age = ({ metadata }: KubeObject): string => ago(metadata.creationTimestamp);
const none = (): string => '<none>';

const inContainers = (field: string) => (object: KubeObject) =>
  asList(valueAt(object, 'spec.template.spec.containers'))
    .map((container) => textAt(container, field))
    .join(',');

const ofLabels = (path: string) => (object: KubeObject) => {
  const entries = Object.entries(asObject(valueAt(object, path))).map(([key, value]) => `${key}=${asText(value)}`);
  return entries.length === 0 ? '<none>' : entries.join(',');
};

const ofAll = (count: string, wanted: string, least: number) => (object: KubeObject) =>
  `${countAt(object, count)}/${countAt(object, wanted) || least}`;

const since = (field: string) => (object: KubeObject) =>
  ago(textAt(object, field) || object.metadata.creationTimestamp);

const subjects = (kind: string) => (object: KubeObject) =>
  asList(object['subjects'])
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map(
      (subject) => `${kind === 'ServiceAccount' ? `${textAt(subject, 'namespace')}/` : ''}${textAt(subject, 'name')}`,
    )
    .join(', ');

const template = { 'Containers+': inContainers('name'), 'Images+': inContainers('image') };
const workload = { ...template, 'Selector+': ofLabels('spec.selector.matchLabels') };
const readyOfAll = ofAll('status.readyReplicas', 'spec.replicas', 0);
const binding = {
  Role: (object: KubeObject) => `${textAt(object, 'roleRef.kind')}/${textAt(object, 'roleRef.name')}`,
  Age: age,
  'Users+': subjects('User'),
  'Groups+': subjects('Group'),
  'ServiceAccounts+': subjects('ServiceAccount'),
};
const created = { 'Created At': ({ metadata }: KubeObject) => metadata.creationTimestamp ?? '' };

/** The columns by their titles; those with `+` are shown with `-o wide` only. */
const byKind: Readonly<Record<string, Readonly<Record<string, Cell>>>> = {
  Pod: {
    Ready: podReady,
    Status: (pod) => podReason(pod as Pod),
    Restarts: podRestarts,
    Age: age,
    'IP+': 'status.podIP',
    'Node+': 'spec.nodeName',
    'Nominated Node+': none,
    'Readiness Gates+': none,
  },
  Deployment: {
    Ready: readyOfAll,
    'Up-to-date': (object) => countAt(object, 'status.updatedReplicas'),
    Available: (object) => countAt(object, 'status.availableReplicas'),
    Age: age,
    ...workload,
  },
  ReplicaSet: {
    Desired: '#spec.replicas',
    Current: '#status.replicas',
    Ready: '#status.readyReplicas',
    Age: age,
    ...workload,
  },
  StatefulSet: { Ready: readyOfAll, Age: age, ...template },
  Job: {
    Status: jobStatus,
    Completions: ofAll('status.succeeded', 'spec.completions', 1),
    Duration: jobDuration,
    Age: age,
    ...workload,
  },
  Service: {
    Type: 'spec.type',
    'Cluster-IP': 'spec.clusterIP',
    'External-IP': (object) =>
      textAt(object, 'spec.externalName') || (textAt(object, 'spec.type') === 'LoadBalancer' ? '<pending>' : '<none>'),
    'Port(s)': servicePorts,
    Age: age,
    'Selector+': ofLabels('spec.selector'),
  },
  Namespace: { Status: 'status.phase', Age: age },
  ConfigMap: { Data: ({ data, binaryData }) => keyCount(data) + keyCount(binaryData), Age: age },
  Secret: { Type: 'type', Data: ({ data }) => keyCount(data), Age: age },
  ServiceAccount: { Secrets: (object) => asList(object['secrets']).length, Age: age },
  Node: {
    Status: () => 'Ready',
    Roles: none,
    Age: age,
    Version: 'status.nodeInfo.kubeletVersion',
    'Internal-IP+': 'status.addresses.0.address',
    'External-IP+': none,
    'OS-Image+': 'status.nodeInfo.osImage',
    'Kernel-Version+': 'status.nodeInfo.kernelVersion',
    'Container-Runtime+': 'status.nodeInfo.containerRuntimeVersion',
  },
  Event: {
    'Last Seen': since('lastTimestamp'),
    Type: 'type',
    Reason: 'reason',
    Object: (object) =>
      `${textAt(object, 'involvedObject.kind').toLowerCase()}/${textAt(object, 'involvedObject.name')}`,
    'Subobject+': 'involvedObject.fieldPath',
    'Source+': 'source.component',
    Message: 'message',
    'First Seen+': since('firstTimestamp'),
    'Count+': (object) => countAt(object, 'count') || 1,
  },
  Endpoints: { Endpoints: endpoints, Age: age },
  PersistentVolumeClaim: {
    Status: 'status.phase',
    Volume: 'spec.volumeName',
    Capacity: (object) => textAt(object, 'status.capacity.storage'),
    'Access Modes': accessModes,
    StorageClass: 'spec.storageClassName',
    Age: age,
    'VolumeMode+': 'spec.volumeMode',
  },
  ResourceQuota: {
    Age: age,
    Request: (object) => quotaText(object, false),
    Limit: (object) => quotaText(object, true),
  },
  StorageClass: {
    Provisioner: 'provisioner',
    ReclaimPolicy: 'reclaimPolicy',
    VolumeBindingMode: 'volumeBindingMode',
    AllowVolumeExpansion: (object) => String(object['allowVolumeExpansion'] === true),
    Age: age,
  },
  EndpointSlice: {
    AddressType: 'addressType',
    Ports: ({ ports }) =>
      listText(
        asList(ports).map((port) => text(at(port, 'port'))),
        '<unset>',
      ),
    Endpoints: (object) =>
      listText(
        asList(object['endpoints']).flatMap((endpoint) => asList(at(endpoint, 'addresses')).map(asText)),
        '<unset>',
      ),
    Age: age,
  },
  Ingress: {
    Class: 'spec.ingressClassName',
    Hosts: (object) =>
      asList(valueAt(object, 'spec.rules'))
        .map((rule) => textAt(rule, 'host') || '*')
        .join(',') || '*',
    Address: () => '',
    Ports: (object) => (asList(valueAt(object, 'spec.tls')).length > 0 ? '80, 443' : '80'),
    Age: age,
  },
  CustomResourceDefinition: created,
  Role: created,
  ClusterRole: created,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
};

function keyCount(value: Json | undefined): number {
  return Object.keys(asObject(value)).length;
}

function accessModes(claim: KubeObject): string {
  return asList(valueAt(claim, 'spec.accessModes'))
    .map((mode) => asText(mode).replace(/[a-z]/g, ''))
    .join(',');
}

function quotaText(quota: KubeObject, isLimit: boolean): string {
  const { hard, used } = asObject(quota['status']);
  const keys = Object.keys(asObject(hard)).filter((key) => key.startsWith('limits.') === isLimit);
  return keys.map((key) => `${key}: ${text(at(used, key) ?? '0')}/${text(at(hard, key))}`).join(', ');
}

function listText(all: readonly string[], none: string): string {
  if (all.length === 0) return none;
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

function endpoints(object: KubeObject): string {
  const all = asList(object['subsets']).flatMap((subset) =>
    asList(asObject(subset)['addresses']).flatMap((address) =>
      asList(asObject(subset)['ports']).map((port) => `${asText(at(address, 'ip'))}:${number(at(port, 'port'))}`),
    ),
  );
  return listText(all, '<none>');
}

function servicePorts(object: KubeObject): string {
  const ports = asList(at(object, 'spec', 'ports')).map(asObject);
  return (
    ports
      .map(
        ({ port, nodePort, protocol }) =>
          `${number(port)}${nodePort === undefined ? '' : `:${number(nodePort)}`}/${asText(protocol)}`,
      )
      .join(',') || '<none>'
  );
}

function jobStatus(job: KubeObject): string {
  const done = asList(at(job, 'status', 'conditions'))
    .map(asObject)
    .find(({ status, type }) => status === 'True' && type !== 'FailureTarget' && type !== 'SuccessCriteriaMet');
  return done ? asText(done['type']) : 'Running';
}

function jobDuration(job: KubeObject): string {
  const start = asText(at(job, 'status', 'startTime'));
  const end = asText(at(job, 'status', 'completionTime'));
  if (start === '') return '';
  return ago(start, end === '' ? Date.now() : Date.parse(end));
}

function podReady(object: KubeObject): string {
  const { spec, status } = object as Pod;
  const ready = (status?.containerStatuses ?? []).filter((container) => container.ready).length;
  return `${ready}/${spec.containers.length}`;
}

function podRestarts(object: KubeObject): string {
  const statuses = (object as Pod).status?.containerStatuses ?? [];
  const count = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const last = statuses
    .map(({ lastState }) => lastState.terminated?.finishedAt ?? '')
    .sort()
    .at(-1);
  return count > 0 && last ? `${count} (${ago(last)} ago)` : String(count);
}

/** The word in the column STATUS. Rules of kubectl: the first init container that hinders, else the last container. */
function podReason({ metadata, spec, status }: Pod): string {
  let reason = status?.reason ?? status?.phase ?? 'Pending';
  const inits = status?.initContainerStatuses ?? [];
  const stuck = inits.findIndex(({ state }) => state.terminated?.exitCode !== 0);
  if (stuck >= 0 && inits[stuck]) {
    const { waiting, terminated } = inits[stuck].state;
    if (terminated) reason = `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${stuck}/${spec.initContainers?.length ?? 0}`;
  } else {
    for (const { state } of [...(status?.containerStatuses ?? [])].reverse()) {
      if (state.waiting?.reason) reason = state.waiting.reason;
      else if (state.terminated) reason = state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
    }
    const someRun = (status?.containerStatuses ?? []).some(({ state, ready }) => ready && state.running);
    if (reason === 'Completed' && someRun) reason = 'Running';
  }
  return metadata.deletionTimestamp === undefined ? reason : 'Terminating';
}
