import { CORE_SCHEMA, loadAll, YAMLException } from 'js-yaml';
import { mediaType } from './negotiate.ts';
import { asText, isObject, type Json, type JsonObject, type KubeObject } from './objects.ts';
import { decodeProtobuf, isProtobuf } from './protobuf.ts';
import { groupVersion, type Resource } from './resources.ts';
import { hasBuiltInType, type Mismatch, mismatches, prune } from './schema.ts';
import { badRequest } from './status.ts';

export interface Decoded {
  readonly object: KubeObject;
  /** What was dropped, for the header `Warning`. */
  readonly warnings: readonly string[];
}

export interface Body {
  readonly body: Buffer;
  readonly contentType: string;
}

/** What a body of JSON, YAML or protobuf holds, with the words of the real server for what is none of them. */
export function parseBody({ body, contentType }: Body, kind = 'Status'): Json {
  if (isProtobuf(body)) return decodeProtobuf(body);
  const unrecognized = `the object provided is unrecognized (must be of type ${kind}): `;
  const text = body.toString('utf8');
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    if (!/[/+]yaml$/.test(mediaType(contentType))) {
      const why = error instanceof Error && text !== '' ? error.message : 'unexpected end of JSON input';
      throw badRequest(`${unrecognized}couldn't get version/kind; json parse error: ${why}`);
    }
    value = parseYaml(text, contentType.includes('apply-patch') ? 'error decoding YAML: ' : unrecognized);
  }
  return value ?? {};
}

function parseYaml(text: string, prefix: string): Json {
  try {
    // Dates and the like of wider schemas are no JSON. The first document counts, and the last of equal keys.
    const [document] = loadAll(text, null, { schema: CORE_SCHEMA, json: true });
    return JSON.parse(JSON.stringify(document ?? null)) as Json;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw badRequest(`${prefix}yaml: line ${(error.mark?.line ?? 0) + 1}: ${error.reason}`);
  }
}

/** Checks the value against the kind; unknown fields are refused, warned about or dropped, as `fieldValidation` says. */
export function decodeObject(value: Json, resource: Resource, fieldValidation: string | null): Decoded {
  if (!isObject(value)) {
    const found = Array.isArray(value) ? 'array' : typeof value;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string; Kind string }`,
    );
  }
  const expected = groupVersion(resource);
  const apiVersion = asText(value['apiVersion']) || expected;
  const kind = asText(value['kind']) || resource.kind;
  const isUnknownKind = kind !== resource.kind && !hasBuiltInType(`V1${kind}`);
  if (isUnknownKind || (apiVersion !== expected && kind === resource.kind)) {
    const version = JSON.stringify(apiVersion.split('/').at(-1) ?? '');
    const why = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
    throw badRequest(`${kind} in version ${version} cannot be handled as a ${resource.kind}: ${why}`);
  }
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== resource.kind) {
    throw badRequest(
      `${kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: converting (${expected}.${kind}) to (${resource.group || 'core'}.${resource.kind}): unknown conversion`,
    );
  }
  const complete: JsonObject = { apiVersion, kind, ...value, metadata: value['metadata'] ?? {} };
  const found = mismatches(complete, resource.type);
  const wrong = found.find(({ problem }) => problem === 'type');
  const subject = `${kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: `;
  if (wrong) throw badRequest(subject + typeText(wrong, kind));
  const unknown = found.map(({ path }) => `unknown field ${JSON.stringify(path)}`);
  if (unknown.length > 0 && fieldValidation === 'Strict') {
    throw badRequest(`${subject}strict decoding error: ${unknown.join(', ')}`);
  }
  const object = asKubeObject(prune(complete, resource.type));
  return { object, warnings: fieldValidation === 'Ignore' ? [] : unknown };
}

/** A value as an object of the API; a name that is no text counts as none. */
export function asKubeObject(value: Json): KubeObject {
  const object = isObject(value) ? value : {};
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return {
    ...object,
    apiVersion: asText(object['apiVersion']),
    kind: asText(object['kind']),
    metadata: { ...metadata, name: asText(metadata['name']) },
  };
}

function typeText({ path, found, wanted }: Mismatch, kind: string): string {
  if (found === 'string' && wanted === 'byte') return 'illegal base64 data';
  if (found === 'string' && wanted === 'quantity')
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const types: Readonly<Record<string, string>> = {
    integer: 'int32',
    boolean: 'bool',
    array: '[]string',
    object: 'map[string]string',
    time: 'time.Time',
  };
  return `json: cannot unmarshal ${found} into Go struct field ${kind}.${path} of type ${types[wanted] ?? wanted}`;
}
