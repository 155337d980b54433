import {
  asList,
  asObject,
  asText,
  at,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  sameJson,
  without,
} from './objects.ts';
import { fieldType, type Type } from './schema.ts';
import { matchesSelector } from './selectors.ts';
import { type FieldError, forbiddenValue, invalidValue, notSupported, required, tooLong } from './status.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const serviceNameText =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const labelKeyText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** All mistakes in an object that is created or written; words are those of the real API server. */
export function findMistakes(object: KubeObject, before: KubeObject | undefined, type: Type): FieldError[] {
  const spec = asObject(object['spec']);
  return [
    ...checkMetadata(object),
    ...missingFields(object, type, ''),
    ...checkKind(object, spec),
    ...(before ? checkChange(object, before) : []),
  ];
}

function checkMetadata({ kind, metadata }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const name = metadata.name;
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else if (/^(Role|ClusterRole)(Binding)?$/.test(kind)) {
    if (/[/%]/.test(name)) errors.push(invalidValue('metadata.name', name, "may not contain '/'"));
  } else if (kind === 'Namespace') {
    if (!label.test(name) || name.length > 63) errors.push(invalidValue('metadata.name', name, labelText));
  } else if (kind === 'Service') {
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) errors.push(invalidValue('metadata.name', name, serviceNameText));
    else if (name.length > 63) errors.push(invalidValue('metadata.name', name, 'must be no more than 63 characters'));
  } else if (name.length > 253) errors.push(invalidValue('metadata.name', name, 'must be no more than 253 characters'));
  else if (!subdomain.test(name)) errors.push(invalidValue('metadata.name', name, subdomainText));
  const annotations = metadata.annotations ?? {};
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > 256 * 1024) errors.push(tooLong('metadata.annotations', 256 * 1024));
  return [
    ...errors,
    ...checkLabels(metadata.labels, 'metadata.labels'),
    ...Object.keys(annotations).flatMap((key) => checkLabelKey(key, 'metadata.annotations')),
  ];
}

function checkLabels(labels: Json | undefined, path: string): FieldError[] {
  return Object.entries(asObject(labels)).flatMap(([key, value]) => {
    const errors = checkLabelKey(key, path);
    if (errors.length > 0) return errors;
    const text = asText(value);
    if (text.length > 63) return [invalidValue(path, text, 'must be no more than 63 characters')];
    return labelValue.test(text) ? [] : [invalidValue(path, text, labelValueText)];
  });
}

function checkLabelKey(key: string, path: string): FieldError[] {
  const bare = key.includes('/') ? key.slice(key.indexOf('/') + 1) : key;
  return qualifiedName.test(bare) && bare.length <= 63 ? [] : [invalidValue(path, key, labelKeyText)];
}

/** The words of the list only; nothing said is no mistake here. */
function checkChoice(field: string, value: Json | undefined, supported: readonly string[]): FieldError[] {
  const word = asText(value);
  return word === '' || supported.includes(word) ? [] : [notSupported(field, word, supported)];
}

/** Fields that the schema requires, except in `status`, which only the server's own parts write. */
function missingFields(value: Json, type: Type, path: string): FieldError[] {
  if (Array.isArray(value) && type.kind === 'list') {
    return value.flatMap((item, index) => missingFields(item, type.items, `${path}[${index}]`));
  }
  if (!isObject(value) || type.kind !== 'object') return [];
  const prefix = path === '' ? '' : `${path}.`;
  const missing = type.required.filter((key) => value[key] === undefined || value[key] === null || value[key] === '');
  const errors = missing.filter((key) => !serverMayFill(type.name, key)).map((key) => required(`${prefix}${key}`));
  const below = Object.entries(value).flatMap(([key, item]) => {
    if (path === '' && (key === 'status' || key === 'metadata')) return [];
    return item === undefined || item === null ? [] : missingFields(item, fieldType(type, key), `${prefix}${key}`);
  });
  return [...errors, ...below];
}

/** Required by the schema, but empty values are allowed by the real server or refused with better words below. */
function serverMayFill(type: string, key: string): boolean {
  return (
    type === 'V1PolicyRule' ||
    type === 'CoreV1Event' ||
    type === 'V1Taint' ||
    key === 'value' ||
    key === 'template' ||
    key === 'containers' ||
    key === 'maxReplicas' ||
    (type === 'V1StatefulSetSpec' && key === 'serviceName')
  );
}

function checkKind(object: KubeObject, spec: JsonObject): FieldError[] {
  switch (object.kind) {
    case 'Pod':
      return [
        ...checkPod(spec, 'spec'),
        ...checkChoice('spec.restartPolicy', spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
      ];
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return [...checkReplicas(spec), ...checkTemplate(spec, ['Always'])];
    case 'Job':
      return checkTemplate(spec, ['OnFailure', 'Never']);
    case 'Service':
      return checkService(spec);
    case 'ConfigMap':
    case 'Secret':
      return checkKeys(object);
    case 'PersistentVolumeClaim':
      return [
        ...(asList(spec['accessModes']).length > 0
          ? []
          : [required('spec.accessModes', 'at least 1 access mode is required')]),
        ...(at(spec, 'resources', 'requests', 'storage') ? [] : [required('spec.resources[storage]')]),
      ];
    case 'HorizontalPodAutoscaler':
      return checkAutoscaler(spec);
    case 'CustomResourceDefinition':
      return checkDefinition(object, spec);
    default:
      return [];
  }
}

function checkAutoscaler({ maxReplicas, minReplicas }: JsonObject): FieldError[] {
  const most = Number(maxReplicas ?? 0);
  const field = 'spec.maxReplicas';
  return [
    ...(most < 1 ? [invalidValue(field, most, 'must be greater than 0')] : []),
    ...(most < Number(minReplicas)
      ? [invalidValue(field, most, 'must be greater than or equal to `minReplicas`')]
      : []),
  ];
}

function checkReplicas(spec: JsonObject): FieldError[] {
  const replicas = spec['replicas'];
  if (typeof replicas !== 'number' || replicas >= 0) return [];
  return [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')];
}

function checkTemplate(spec: JsonObject, policies: readonly string[]): FieldError[] {
  const template = asObject(spec['template']);
  const pod = asObject(template['spec']);
  const labels = asObject(asObject(template['metadata'])['labels']);
  const claims = asList(spec['volumeClaimTemplates']).map((claim) => ({ name: at(claim, 'metadata', 'name') ?? '' }));
  const withClaims = claims.length > 0 ? { ...pod, volumes: [...asList(pod['volumes']), ...claims] } : pod;
  const errors = checkPod(withClaims, 'spec.template.spec');
  if (spec['selector'] !== undefined && !matchesSelector(spec['selector'], labels as Record<string, string>)) {
    const found = Object.entries(labels).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'spec.template.metadata.labels',
      message: `Invalid value: map[string]string${found.length > 0 ? `{${found.join(', ')}}` : '(nil)'}: \`selector\` does not match template \`labels\``,
    });
  }
  errors.push(...checkChoice('spec.template.spec.restartPolicy', pod['restartPolicy'], policies));
  return [...errors, ...checkLabels(labels, 'spec.template.metadata.labels')];
}

function checkPod(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const containers = asList(spec['containers']);
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  const volumes = asList(spec['volumes']).map((volume) => asText(asObject(volume)['name']));
  volumes.forEach((name, index) => {
    if (volumes.indexOf(name) < index) errors.push(duplicate(`${path}.volumes[${index}].name`, name));
    else if (!label.test(name)) errors.push(invalidValue(`${path}.volumes[${index}].name`, name, labelText));
  });
  const names: string[] = [];
  for (const list of ['initContainers', 'containers']) {
    asList(spec[list]).forEach((item, index) => {
      const container = asObject(item);
      const here = `${path}.${list}[${index}]`;
      const name = asText(container['name']);
      if (names.includes(name)) errors.push(duplicate(`${here}.name`, name));
      else if (name !== '' && !label.test(name)) errors.push(invalidValue(`${here}.name`, name, labelText));
      names.push(name);
      errors.push(...checkContainer(container, here, volumes));
    });
  }
  return errors;
}

function duplicate(field: string, value: Json): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(value)}` };
}

function checkContainer(container: JsonObject, path: string, volumes: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const image = asText(container['image']);
  if (image === '') errors.push(required(`${path}.image`));
  else if (image !== image.trim())
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  asList(container['ports']).forEach((item, index) => {
    const port = asObject(item)['containerPort'];
    if (typeof port === 'number' && (port < 1 || port > 65535)) {
      errors.push(
        invalidValue(`${path}.ports[${index}].containerPort`, port, 'must be between 1 and 65535, inclusive'),
      );
    }
  });
  const paths = asList(container['volumeMounts']).map((item) => asText(asObject(item)['mountPath']));
  asList(container['volumeMounts']).forEach((item, index) => {
    const name = asText(asObject(item)['name']);
    const mountPath = paths[index] ?? '';
    if (paths.indexOf(mountPath) < index)
      errors.push(invalidValue(`${path}.volumeMounts[${index}].mountPath`, mountPath, 'must be unique'));
    if (name !== '' && !volumes.includes(name)) {
      const field = `${path}.volumeMounts[${index}].name`;
      errors.push({ reason: 'FieldValueNotFound', field, message: `Not found: ${JSON.stringify(name)}` });
    }
  });
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
    if (isObject(container[probe]) && !handlers.some((handler) => at(container, probe, handler) !== undefined))
      errors.push(required(`${path}.${probe}`, 'must specify a handler type'));
  }
  const policies = ['Always', 'IfNotPresent', 'Never'];
  return [...errors, ...checkChoice(`${path}.imagePullPolicy`, container['imagePullPolicy'], policies)];
}

function checkService(spec: JsonObject): FieldError[] {
  const type = asText(spec['type']);
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
  if (!types.includes(type)) return [notSupported('spec.type', type, types)];
  const ports = asList(spec['ports']);
  if (ports.length === 0 && type !== 'ExternalName' && spec['clusterIP'] !== 'None') return [required('spec.ports')];
  if (type === 'ExternalName' && asText(spec['externalName']) === '') return [required('spec.externalName')];
  return ports.flatMap((item, index) => {
    const { port, name, protocol } = asObject(item);
    const errors = checkChoice(`spec.ports[${index}].protocol`, protocol, ['SCTP', 'TCP', 'UDP']);
    if (typeof port === 'number' && (port < 1 || port > 65535)) {
      errors.push(invalidValue(`spec.ports[${index}].port`, port, 'must be between 1 and 65535, inclusive'));
    }
    if (ports.length > 1 && asText(name) === '') errors.push(required(`spec.ports[${index}].name`));
    else if (asText(name) !== '' && ports.findIndex((other) => at(other, 'name') === name) < index)
      errors.push(duplicate(`spec.ports[${index}].name`, name ?? ''));
    return errors;
  });
}

function checkKeys(object: KubeObject): FieldError[] {
  const keys = [...Object.keys(asObject(object['data'])), ...Object.keys(asObject(object['binaryData']))];
  const errors = keys
    .filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key) || key.length > 253)
    .map((key) =>
      invalidValue(
        `data[${key}]`,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    );
  const size = JSON.stringify(object['data'] ?? {}).length + JSON.stringify(object['binaryData'] ?? {}).length;
  if (size > 1024 * 1024) errors.push(tooLong(object.kind === 'Secret' ? 'data' : '[]', 1024 * 1024));
  return errors;
}

function checkDefinition(object: KubeObject, spec: JsonObject): FieldError[] {
  const wanted = `${asText(at(spec, 'names', 'plural'))}.${asText(spec['group'])}`;
  if (object.metadata.name === wanted) return [];
  return [invalidValue('metadata.name', object.metadata.name, `must be spec.names.plural+"."+spec.group`)];
}

/** Fields that may not change, by kind. */
const immutable: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector'],
  ReplicaSet: ['spec.selector'],
  DaemonSet: ['spec.selector'],
  Job: ['spec.selector', 'spec.template', 'spec.completionMode'],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  Secret: ['type'],
  PersistentVolumeClaim: ['spec.accessModes', 'spec.storageClassName', 'spec.volumeMode'],
};

function checkChange(object: KubeObject, before: KubeObject): FieldError[] {
  const errors = (immutable[object.kind] ?? []).flatMap((field) => {
    const value = at(object, ...field.split('.'));
    if (sameJson(value, at(before, ...field.split('.')))) return [];
    if (field === 'roleRef') return [invalidValue(field, value ?? null, 'cannot change roleRef')];
    return [immutableField(field, value)];
  });
  for (const field of before['immutable'] === true ? ['immutable', 'data', 'binaryData'] : []) {
    if (!sameJson(object[field], before[field]))
      errors.push(forbiddenValue(field, 'field is immutable when `immutable` is set'));
  }
  if (object.kind === 'Pod') errors.push(...checkPodChange(object, before));
  if (object.kind === 'StatefulSet' && !sameJson(frozenSet(object), frozenSet(before))) {
    errors.push(
      forbiddenValue(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  }
  const ip = asText(at(before, 'spec', 'clusterIP'));
  if (
    object.kind === 'Service' &&
    ip !== '' &&
    asText(at(object, 'spec', 'clusterIP')) !== ip &&
    at(object, 'spec', 'type') !== 'ExternalName'
  ) {
    errors.push(
      invalidValue('spec.clusterIPs[0]', [asText(at(object, 'spec', 'clusterIP'))], 'may not change once set'),
    );
  }
  return errors;
}

function checkPodChange(object: KubeObject, before: KubeObject): FieldError[] {
  if (sameJson(frozenPod(object), frozenPod(before))) return [];
  return [
    forbiddenValue(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
}

function frozenPod(pod: KubeObject): Json {
  const spec = without(
    asObject(pod['spec']),
    'activeDeadlineSeconds',
    'tolerations',
    'ephemeralContainers',
    'nodeName',
  );
  const bare = (list: Json | undefined) => asList(list).map((item) => ({ ...asObject(item), image: '' }));
  return { ...spec, containers: bare(spec['containers']), initContainers: bare(spec['initContainers']) };
}

function frozenSet(set: KubeObject): Json {
  const { selector, serviceName, podManagementPolicy, volumeClaimTemplates } = asObject(set['spec']);
  const claims = asList(volumeClaimTemplates).map((claim) => [
    at(claim, 'metadata', 'name') ?? null,
    at(claim, 'spec', 'resources') ?? null,
  ]);
  return { selector, serviceName, podManagementPolicy, claims };
}

/** Selectors are shown as the Go value that the real server prints. */
function immutableField(field: string, value: Json | undefined): FieldError {
  if (!isObject(at(value, 'matchLabels')) || at(value, 'matchExpressions') !== undefined) {
    return invalidValue(field, value ?? null, 'field is immutable');
  }
  const labels = Object.entries(asObject(at(value, 'matchLabels'))).map(
    ([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`,
  );
  const shown = `v1.LabelSelector{MatchLabels:map[string]string{${labels.join(', ')}}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${shown}: field is immutable` };
}
