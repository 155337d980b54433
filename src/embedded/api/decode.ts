import { asText, isObject, type Json, type JsonObject, type KubeObject } from './objects.ts';
import { decodeProtobuf, isProtobuf } from './protobuf.ts';
import { groupVersion, type Resource } from './resources.ts';
import { type Mismatch, mismatches, prune } from './schema.ts';
import { badRequest } from './status.ts';

export interface Decoded {
  readonly object: KubeObject;
  /** What was dropped, for the header `Warning`. */
  readonly warnings: readonly string[];
}

/** JSON of a body, with the words of the real server for what is none. */
export function parseBody(body: Buffer, kind = 'Status'): Json {
  if (body.length === 0) throw badRequest('the request body is empty');
  if (isProtobuf(body)) return decodeProtobuf(body);
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'invalid';
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why}`,
    );
  }
}

/** Checks the value against the kind; unknown fields are refused, warned about or dropped, as `fieldValidation` says. */
export function decodeObject(value: Json, resource: Resource, fieldValidation: string | null): Decoded {
  if (!isObject(value))
    throw badRequest(
      `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type v1.TypeMeta`,
    );
  const expected = groupVersion(resource);
  const apiVersion = asText(value['apiVersion']) || expected;
  const kind = asText(value['kind']) || resource.kind;
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
  const types: Readonly<Record<string, string>> = {
    integer: 'int32',
    boolean: 'bool',
    array: '[]string',
    object: 'map[string]string',
    time: 'time.Time',
  };
  return `json: cannot unmarshal ${found} into Go struct field ${kind}.${path} of type ${types[wanted] ?? wanted}`;
}
