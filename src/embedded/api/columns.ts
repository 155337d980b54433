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

const age = column('Age', ({ metadata }) => ago(metadata.creationTimestamp));
export const wide = { priority: 1 };

function field(name: string, ...path: (string | number)[]): Column {
  return column(name, (object) => text(at(object, ...path)));
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
  if (definition) return customColumns(definition);
  return [...(byKind[kind] ?? [age])];
}

function customColumns(version: JsonObject): Column[] {
  const printed = asList(version['additionalPrinterColumns']).map(asObject);
  if (printed.length === 0) return [age];
  return printed.map((item) => {
    const steps = asText(item['jsonPath'])
      .split('.')
      .filter((step) => step !== '');
    const isDate = item['type'] === 'date';
    const cell = (object: KubeObject): Json => {
      const value = at(object, ...steps);
      if (value === undefined) return null;
      return isDate ? ago(asText(value)) : value;
    };
    return column(asText(item['name']), cell, { type: asText(item['type']), priority: number(item['priority']) });
  });
}

const workload = [
  column(
    'Containers',
    (object) =>
      containers(object)
        .map(({ name }) => asText(name))
        .join(','),
    wide,
  ),
  column(
    'Images',
    (object) =>
      containers(object)
        .map(({ image }) => asText(image))
        .join(','),
    wide,
  ),
  column('Selector', (object) => labelText(at(object, 'spec', 'selector', 'matchLabels')), wide),
];

function containers(object: KubeObject): JsonObject[] {
  return asList(at(object, 'spec', 'template', 'spec', 'containers')).map(asObject);
}

function labelText(labels: Json | undefined): string {
  const entries = Object.entries(asObject(labels)).map(([key, value]) => `${key}=${asText(value)}`);
  return entries.length === 0 ? '<none>' : entries.join(',');
}

const createdAt = column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '', { type: 'date' });

const subjects = [
  ['Users', 'User'],
  ['Groups', 'Group'],
  ['ServiceAccounts', 'ServiceAccount'],
].map(([name = '', kind]) =>
  column(
    name,
    (object) => {
      const found = asList(object['subjects']).filter((subject) => at(subject, 'kind') === kind);
      const prefix = (subject: Json) => (kind === 'ServiceAccount' ? `${asText(at(subject, 'namespace'))}/` : '');
      return found.map((subject) => `${prefix(subject)}${asText(at(subject, 'name'))}`).join(', ');
    },
    wide,
  ),
);

const byKind: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    column('Ready', podReady),
    column('Status', (pod) => podReason(pod as Pod)),
    column('Restarts', podRestarts),
    age,
    { ...field('IP', 'status', 'podIP'), ...wide },
    { ...field('Node', 'spec', 'nodeName'), ...wide },
    column('Nominated Node', () => '<none>', wide),
    column('Readiness Gates', () => '<none>', wide),
  ],
  Deployment: [
    column(
      'Ready',
      (object) => `${number(at(object, 'status', 'readyReplicas'))}/${number(at(object, 'spec', 'replicas'))}`,
    ),
    column('Up-to-date', (object) => number(at(object, 'status', 'updatedReplicas'))),
    column('Available', (object) => number(at(object, 'status', 'availableReplicas'))),
    age,
    ...workload,
  ],
  ReplicaSet: [
    column('Desired', (object) => number(at(object, 'spec', 'replicas')), { type: 'integer' }),
    column('Current', (object) => number(at(object, 'status', 'replicas')), { type: 'integer' }),
    column('Ready', (object) => number(at(object, 'status', 'readyReplicas')), { type: 'integer' }),
    age,
    ...workload,
  ],
  StatefulSet: [
    column(
      'Ready',
      (object) => `${number(at(object, 'status', 'readyReplicas'))}/${number(at(object, 'spec', 'replicas'))}`,
    ),
    age,
    ...workload.slice(0, 2),
  ],
  Job: [
    column('Status', jobStatus),
    column(
      'Completions',
      (object) => `${number(at(object, 'status', 'succeeded'))}/${number(at(object, 'spec', 'completions')) || 1}`,
    ),
    column('Duration', (object) => jobDuration(object)),
    age,
    ...workload,
  ],
  Service: [
    field('Type', 'spec', 'type'),
    field('Cluster-IP', 'spec', 'clusterIP'),
    column(
      'External-IP',
      (object) =>
        asText(at(object, 'spec', 'externalName')) ||
        (at(object, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>'),
    ),
    column('Port(s)', servicePorts),
    age,
    column('Selector', (object) => labelText(at(object, 'spec', 'selector')), wide),
  ],
  Namespace: [field('Status', 'status', 'phase'), age],
  ConfigMap: [
    column('Data', (object) => Object.keys({ ...asObject(object['data']), ...asObject(object['binaryData']) }).length, {
      type: 'string',
    }),
    age,
  ],
  Secret: [
    field('Type', 'type'),
    column('Data', (object) => Object.keys(asObject(object['data'])).length, { type: 'string' }),
    age,
  ],
  ServiceAccount: [column('Secrets', (object) => asList(object['secrets']).length, { type: 'string' }), age],
  Node: [
    column('Status', () => 'Ready'),
    column('Roles', () => '<none>'),
    age,
    field('Version', 'status', 'nodeInfo', 'kubeletVersion'),
    { ...field('Internal-IP', 'status', 'addresses', 0, 'address'), ...wide },
    column('External-IP', () => '<none>', wide),
    { ...field('OS-Image', 'status', 'nodeInfo', 'osImage'), ...wide },
    { ...field('Kernel-Version', 'status', 'nodeInfo', 'kernelVersion'), ...wide },
    { ...field('Container-Runtime', 'status', 'nodeInfo', 'containerRuntimeVersion'), ...wide },
  ],
  Event: [
    column('Last Seen', (object) => ago(asText(object['lastTimestamp']) || object.metadata.creationTimestamp)),
    field('Type', 'type'),
    field('Reason', 'reason'),
    column(
      'Object',
      (object) =>
        `${asText(at(object, 'involvedObject', 'kind')).toLowerCase()}/${asText(at(object, 'involvedObject', 'name'))}`,
    ),
    { ...field('Subobject', 'involvedObject', 'fieldPath'), ...wide },
    { ...field('Source', 'source', 'component'), ...wide },
    field('Message', 'message'),
    column('First Seen', (object) => ago(asText(object['firstTimestamp']) || object.metadata.creationTimestamp), wide),
    column('Count', (object) => number(object['count']) || 1, wide),
  ],
  Endpoints: [column('Endpoints', endpoints), age],
  PersistentVolumeClaim: [
    field('Status', 'status', 'phase'),
    field('Volume', 'spec', 'volumeName'),
    column('Capacity', (object) => asText(at(object, 'status', 'capacity', 'storage'))),
    column('Access Modes', (object) =>
      asList(at(object, 'spec', 'accessModes'))
        .map((mode) => asText(mode).replace(/[a-z]/g, ''))
        .join(','),
    ),
    field('StorageClass', 'spec', 'storageClassName'),
    age,
    { ...field('VolumeMode', 'spec', 'volumeMode'), ...wide },
  ],
  ResourceQuota: [
    age,
    column('Request', (object) => quotaText(object, false)),
    column('Limit', (object) => quotaText(object, true)),
  ],
  StorageClass: [
    field('Provisioner', 'provisioner'),
    field('ReclaimPolicy', 'reclaimPolicy'),
    field('VolumeBindingMode', 'volumeBindingMode'),
    column('AllowVolumeExpansion', (object) => String(object['allowVolumeExpansion'] === true)),
    age,
  ],
  EndpointSlice: [
    field('AddressType', 'addressType'),
    column('Ports', (object) =>
      listText(
        asList(object['ports']).map((port) => text(at(port, 'port'))),
        '<unset>',
      ),
    ),
    column('Endpoints', (object) =>
      listText(
        asList(object['endpoints']).flatMap((endpoint) => asList(at(endpoint, 'addresses')).map(asText)),
        '<unset>',
      ),
    ),
    age,
  ],
  Ingress: [
    field('Class', 'spec', 'ingressClassName'),
    column(
      'Hosts',
      (object) =>
        asList(at(object, 'spec', 'rules'))
          .map((rule) => asText(asObject(rule)['host']) || '*')
          .join(',') || '*',
    ),
    column('Address', () => ''),
    column('Ports', (object) => (asList(at(object, 'spec', 'tls')).length > 0 ? '80, 443' : '80')),
    age,
  ],
  CustomResourceDefinition: [createdAt],
  Role: [createdAt],
  ClusterRole: [createdAt],
  RoleBinding: [column('Role', roleText), age, ...subjects],
  ClusterRoleBinding: [column('Role', roleText), age, ...subjects],
};

function roleText(object: KubeObject): string {
  return `${asText(at(object, 'roleRef', 'kind'))}/${asText(at(object, 'roleRef', 'name'))}`;
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
