import { asObject, asText, at, type Json, type JsonObject, type KubeObject } from '../api/objects.ts';
import type { Container, Pod } from '../api/pod-types.ts';
import type { Objects } from '../api/write.ts';

/** A reference in the pod that leads nowhere: the container waits with `CreateContainerConfigError`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `$(NAME)` replaced by known values; `$$(NAME)` is the text `$(NAME)`. Source: Kubernetes, "dependent variables". */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$';
    return values.get(name ?? '') ?? match;
  });
}

/** The environment of a container: service links, `envFrom`, then `env`. Throws `ConfigError`. */
export function environmentOf(objects: Objects, pod: Pod, container: Container): Map<string, string> {
  const result = new Map<string, string>([['HOSTNAME', hostnameOf(pod)]]);
  for (const [name, value] of serviceLinks(objects, pod)) result.set(name, value);
  for (const source of container.envFrom ?? []) {
    const prefix = asText(source['prefix']);
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      const reference = source[kind];
      if (reference === undefined) continue;
      const data = readData(objects, pod, {
        kind: kind === 'secretRef' ? 'secret' : 'configmap',
        reference: asObject(reference),
      });
      for (const [key, value] of data ?? []) result.set(`${prefix}${key}`, value.toString('utf8'));
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!valueFrom) result.set(name, expand(value ?? '', result));
    else {
      const found = valueOf(objects, pod, { valueFrom, container });
      if (found !== undefined) result.set(name, found);
    }
  }
  return result;
}

export function hostnameOf({ metadata, spec }: Pod): string {
  return (spec.hostname || metadata.name).slice(0, 63);
}

export interface DataReference {
  readonly kind: 'configmap' | 'secret';
  readonly reference: JsonObject;
}

/** All keys of a config map or secret; undefined if it is missing and optional. */
export function readData(
  objects: Objects,
  pod: Pod,
  { kind, reference }: DataReference,
): Map<string, Buffer> | undefined {
  const name = asText(reference['name']) || asText(reference['secretName']);
  const namespace = pod.metadata.namespace ?? '';
  const found = objects.get(objects.resources.builtIn(`${kind}s`), { namespace, name });
  if (!found) {
    if (reference['optional'] === true) return undefined;
    throw new ConfigError(`${kind} ${JSON.stringify(name)} not found`);
  }
  return dataOf(found);
}

function dataOf(object: KubeObject): Map<string, Buffer> {
  const plain = object.kind === 'ConfigMap' ? 'utf8' : 'base64';
  const entries = Object.entries(asObject(object['data'])).map(
    ([key, value]) => [key, Buffer.from(asText(value), plain)] as const,
  );
  const binary = Object.entries(asObject(object['binaryData'])).map(
    ([key, value]) => [key, Buffer.from(asText(value), 'base64')] as const,
  );
  return new Map([...entries, ...binary]);
}

interface ValueSource {
  readonly valueFrom: JsonObject;
  readonly container: Container;
}

function valueOf(objects: Objects, pod: Pod, { valueFrom, container }: ValueSource): string | undefined {
  if (valueFrom['fieldRef']) return fieldOf(pod, asText(at(valueFrom, 'fieldRef', 'fieldPath')));
  if (valueFrom['resourceFieldRef']) return resourceOf(container, asObject(valueFrom['resourceFieldRef']));
  const isSecret = valueFrom['secretKeyRef'] !== undefined;
  const reference = asObject(valueFrom[isSecret ? 'secretKeyRef' : 'configMapKeyRef']);
  const data = readData(objects, pod, { kind: isSecret ? 'secret' : 'configmap', reference });
  const key = asText(reference['key']);
  const value = data?.get(key);
  if (value === undefined && reference['optional'] !== true) {
    const where = `${pod.metadata.namespace ?? ''}/${asText(reference['name'])}`;
    throw new ConfigError(`couldn't find key ${key} in ${isSecret ? 'Secret' : 'ConfigMap'} ${where}`);
  }
  return value?.toString('utf8');
}

/** A field of the pod as the downward API gives it. */
export function fieldOf(pod: Pod, fieldPath: string): string {
  const entry = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(fieldPath);
  if (entry) return asText(at(pod, 'metadata', entry[1] ?? '', entry[2] ?? ''));
  if (fieldPath === 'metadata.labels' || fieldPath === 'metadata.annotations') {
    const values = Object.entries(asObject(at(pod, ...fieldPath.split('.'))));
    return values
      .sort()
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  }
  if (fieldPath === 'status.podIPs') return asText(at(pod, 'status', 'podIP'));
  return asText(at(pod, ...fieldPath.split('.')));
}

/** A limit or request in units of the divisor, rounded up; without one the size of the node. */
export function resourceOf(container: Container, reference: JsonObject): string {
  const [kind = '', name = ''] = asText(reference['resource']).split('.');
  const given = at(container.resources, kind, name) ?? (name === 'cpu' ? '2' : '8Gi');
  return String(Math.ceil(quantity(given) / (quantity(reference['divisor']) || 1)));
}

/** An amount such as `500m`, `2` or `1Gi` as a number; 0 for none. */
export function quantity(value: Json | undefined): number {
  const match = /^([\d.]+)(m|[KMGTPE]i?|k)?$/.exec(typeof value === 'number' ? String(value) : asText(value));
  const suffix = match?.[2] ?? '';
  const power = 'kMGTPE'.indexOf(suffix.replace('K', 'k').charAt(0)) + 1;
  const factor = suffix === 'm' ? 0.001 : (suffix.endsWith('i') ? 1024 : 1000) ** (suffix === '' ? 0 : power);
  return Number(match?.[1] ?? 0) * factor;
}

/** `NAME_SERVICE_HOST` and `NAME_SERVICE_PORT` of the services of the namespace, and of the API itself. */
function* serviceLinks(objects: Objects, pod: Pod): Generator<[string, string]> {
  const resource = objects.resources.builtIn('services');
  const api = objects.get(resource, { namespace: 'default', name: 'kubernetes' });
  const local = pod.spec['enableServiceLinks'] === false ? [] : objects.list(resource, pod.metadata.namespace);
  for (const service of [...(api ? [api] : []), ...local.filter(({ metadata }) => metadata.name !== 'kubernetes')]) {
    const ip = asText(at(service, 'spec', 'clusterIP'));
    const port = Number(at(service, 'spec', 'ports', 0, 'port'));
    if (ip === '' || ip === 'None' || Number.isNaN(port)) continue;
    const name = service.metadata.name.toUpperCase().replaceAll('-', '_');
    const protocol = asText(at(service, 'spec', 'ports', 0, 'protocol')).toLowerCase();
    yield [`${name}_SERVICE_HOST`, ip];
    yield [`${name}_SERVICE_PORT`, String(port)];
    const portName = asText(at(service, 'spec', 'ports', 0, 'name'));
    if (portName) yield [`${name}_SERVICE_PORT_${portName.toUpperCase().replaceAll('-', '_')}`, String(port)];
    yield [`${name}_PORT`, `${protocol}://${ip}:${String(port)}`];
  }
}
