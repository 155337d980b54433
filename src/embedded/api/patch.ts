import { asText, isObject, type Json, type JsonObject, sameJson } from './objects.ts';
import { badRequest, StatusError } from './status.ts';

/** RFC 7386: objects are merged, `null` removes, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** RFC 6902 on a copy of the target; an operation that cannot be done is refused as a whole. */
export function jsonPatch(target: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  let document: Json = structuredClone(target);
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest('a JSON patch is a list of operations');
    document = applyOperation(document, operation);
  }
  return document;
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const path = pointer(asText(operation['path']));
  const given = operation['value'] ?? null;
  switch (operation['op']) {
    case 'add':
      return put(document, path, given);
    case 'replace':
      read(document, path);
      return put(take(document, path), path, given);
    case 'remove':
      return take(document, path);
    case 'test':
      if (!sameJson(find(document, path), given)) throw unprocessable();
      return document;
    case 'copy':
      return put(document, path, structuredClone(read(document, pointer(asText(operation['from'])))));
    case 'move': {
      const from = pointer(asText(operation['from']));
      const value = read(document, from);
      return put(take(document, from), path, value);
    }
    default:
      throw unprocessable();
  }
}

function unprocessable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function pointer(text: string): string[] {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(parent: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(parent)) return parent[Number(step)];
  return isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
}

function find(document: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(child, document);
}

function read(document: Json, path: readonly string[]): Json {
  const value = find(document, path);
  if (value === undefined) throw unprocessable();
  return value;
}

function put(document: Json, path: readonly string[], value: Json): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw unprocessable();
    parent.splice(index, 0, value);
  } else if (isObject(parent)) setOwn(parent, last, value);
  else throw unprocessable();
  return document;
}

function take(document: Json, path: readonly string[]): Json {
  const last = path.at(-1);
  if (last === undefined) return null;
  read(document, path);
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isObject(parent)) delete parent[last];
  return document;
}

/** `__proto__` in a body is a key like any other. */
function setOwn(target: JsonObject, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
