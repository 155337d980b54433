// Writes src/embedded/api/schema.json: the fields of the kinds that the embedded cluster serves, without prose. The
// fields come from the models of @kubernetes/client-node, the merge rules of lists from the table below, which holds
// what the published OpenAPI of Kubernetes says (x-kubernetes-patch-*, x-kubernetes-list-*), the field numbers from the
// files generated.proto of k8s.io/api and k8s.io/apimachinery. Usage: node .config/embedded-schema.mjs FOLDER_OF_PROTOS
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as models from '@kubernetes/client-node';

const roots = [
  ...['Pod', 'Service', 'ConfigMap', 'Secret', 'Namespace', 'Node', 'Endpoints', 'ServiceAccount', 'LimitRange'],
  ...['PersistentVolumeClaim', 'PersistentVolume', 'ResourceQuota', 'PodTemplate'],
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision', 'Job', 'CronJob'],
  ...['Ingress', 'IngressClass', 'NetworkPolicy', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'Lease'],
  ...['CustomResourceDefinition', 'PodDisruptionBudget', 'StorageClass', 'PriorityClass', 'EndpointSlice', 'Scale'],
  ...['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SelfSubjectReview'],
  ...['Eviction', 'DeleteOptions', 'HorizontalPodAutoscaler'],
].map((kind) => `V1${kind}`);
roots.push('V2HorizontalPodAutoscaler', 'CoreV1Event', 'AuthenticationV1TokenRequest');

const lists = {
  'V1Container.env': 'merge=name',
  'V1Container.ports': 'merge=containerPort keys=containerPort,protocol',
  'V1Container.volumeDevices': 'merge=devicePath',
  'V1Container.volumeMounts': 'merge=mountPath',
  'V1PodSpec.containers': 'merge=name',
  'V1PodSpec.ephemeralContainers': 'merge=name',
  'V1PodSpec.hostAliases': 'merge=ip',
  'V1PodSpec.imagePullSecrets': 'merge=name',
  'V1PodSpec.initContainers': 'merge=name',
  'V1PodSpec.topologySpreadConstraints': 'merge=topologyKey keys=topologyKey,whenUnsatisfiable',
  'V1PodSpec.volumes': 'merge=name retainKeys',
  'V1PodStatus.podIPs': 'merge=ip',
  'V1DeploymentSpec.strategy': 'retainKeys',
  'V1ServiceAccount.secrets': 'merge=name',
  'V1ServiceSpec.ports': 'merge=port keys=port,protocol',
  'V1NodeStatus.addresses': 'merge=type',
  'V1ObjectMeta.finalizers': 'set',
  'V1ObjectMeta.ownerReferences': 'merge=uid',
  'V1PodSpec.schedulingGates': 'merge=name',
  'V1PodSpec.resourceClaims': 'merge=name',
};
const quantities = ['limits', 'requests', 'hard', 'used', 'capacity', 'allocatable', 'allocatedResources', 'overhead'];
quantities.push('default', 'defaultRequest', 'max', 'min', 'maxLimitRequestRatio', 'sizeLimit', 'divisor');
const atomic = ['V1LabelSelector', 'V1SecretKeySelector', 'V1ConfigMapKeySelector'];
atomic.push(
  'V1NodeSelector',
  'V1ObjectReference',
  'V1LocalObjectReference',
  'V1RoleRef',
  'V1TypedLocalObjectReference',
);

const messages = readMessages(process.argv[2]);
const folder = path.dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node'));
const definitions = {};
for (const root of roots) add(root);
const sorted = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(
  path.resolve(import.meta.dirname, '../src/embedded/api/schema.json'),
  `{\n${sorted.map(([name, fields]) => `  ${JSON.stringify(name)}: ${JSON.stringify(print(fields))}`).join(',\n')}\n}\n`,
);

function add(name) {
  if (definitions[name]) return;
  const types = readFileSync(path.join(folder, `gen/models/${name}.d.ts`), 'utf8');
  const attributes = models[name].getAttributeTypeMap();
  const fields = {};
  definitions[name] = fields;
  const message = messageOf(
    name,
    attributes.map(({ baseName }) => baseName),
  );
  for (const { name: property, baseName, type, format } of attributes) {
    const required = new RegExp(`'${property}': `).test(types) ? '!' : '';
    const known = message[baseName];
    const isQuantity = quantities.includes(baseName) || known?.type.includes('Quantity');
    const kind = isQuantity ? translate(type, format).replace('string', 'quantity') : translate(type, format);
    const key = `${baseName}${required}${known ? `#${known.number}` : ''}`;
    fields[key] = [kind, rule(name, baseName, type)].filter(Boolean).join(' ');
  }
}

function print(fields) {
  return Object.entries(fields)
    .map(([name, type]) => `${name}: ${type}`)
    .join('; ');
}

function rule(name, field, type) {
  const known = lists[`${name.replace('EphemeralContainer', 'Container')}.${field}`];
  if (known) return known;
  if (field === 'conditions' && type.startsWith('Array')) return 'merge=type';
  return atomic.includes(type) ? 'atomic' : '';
}

function translate(type, format) {
  const list = /^(?:Array|Set)<(.+)>$/.exec(type);
  if (list) return `[${translate(list[1], format)}`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (map) return `{${translate(map[1], format)}`;
  if (type === 'number') return format.startsWith('int') ? 'integer' : 'number';
  if (type === 'string') return format === 'quantity' || format === 'byte' ? format : 'string';
  if (type === 'boolean') return type;
  if (type === 'Date' || type === 'V1MicroTime') return 'time';
  if (type === 'IntOrString') return 'int-or-string';
  if (type === 'any' || type === 'object') return 'any';
  add(type);
  return type;
}

function readMessages(folder) {
  const found = {};
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), 'utf8').replace(/\/\/.*$/gm, '');
    for (const [, name, body] of text.matchAll(/^message (\w+) \{([^}]*)\}/gm)) {
      const fields = [...body.matchAll(/(?:optional|repeated|map)?\s*([\w.<>, ]+?)\s+(\w+) = (\d+);/g)];
      found[name] = [
        ...(found[name] ?? []),
        Object.fromEntries(
          fields.map(([, type, field, number]) => [field, { type: type.replace(/^(optional|repeated) /, ''), number }]),
        ),
      ];
    }
  }
  return found;
}

function messageOf(name, fields) {
  const bare = name.replace(/^(Core|Rbac|Discovery|Authentication|Storage)?V\d/, '');
  const candidates = (messages[bare] ?? []).map((message) => withInlined(message, fields));
  const score = (message) => fields.filter((field) => message[field]).length;
  return [...candidates].sort((a, b) => score(b) - score(a))[0] ?? {};
}

// Structs that Go embeds are messages of their own on the wire: their fields get a path of two numbers.
function withInlined(message, fields) {
  const result = { ...message };
  for (const [name, { type, number }] of Object.entries(message)) {
    if (fields.includes(name)) continue;
    for (const [inner, field] of Object.entries(messages[type.split('.').at(-1)]?.[0] ?? {})) {
      if (fields.includes(inner)) result[inner] ??= { type: field.type, number: `${number}.${field.number}` };
    }
  }
  return result;
}
