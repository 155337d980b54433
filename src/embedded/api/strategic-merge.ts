import { asList, isObject, type Json, type JsonObject, sameJson } from './objects.ts';
import { fieldType, type Type } from './schema.ts';
import { badRequest } from './status.ts';

/**
 * A strategic merge patch: lists are merged by the key that the type names for them; `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList/…` and `$setElementOrder/…` are understood. Source: Kubernetes, "strategic merge patch".
 */
export function strategicMerge(target: Json | undefined, patch: Json, type: Type): Json {
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return without(patch, '$patch');
  if (patch['$patch'] === 'delete') return {};
  if (patch['$patch'] !== undefined && patch['$patch'] !== 'merge')
    throw badRequest(`unknown patch type: ${JSON.stringify(patch['$patch'])}`);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) {
    for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === '$patch' || key === '$retainKeys' || key.startsWith('$setElementOrder/'))
      continue;
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length);
      const gone = asList(value);
      result[field] = asList(result[field]).filter((item) => !gone.some((other) => sameJson(item, other)));
    } else if (value === null) delete result[key];
    else if (Array.isArray(value)) {
      result[key] = mergeList(asList(result[key]), value, { type: fieldType(type, key), order: orderOf(patch, key) });
    } else result[key] = strategicMerge(result[key], value, fieldType(type, key));
  }
  return result;
}

function without(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function orderOf(patch: JsonObject, key: string): Json[] | undefined {
  const order = patch[`$setElementOrder/${key}`];
  return Array.isArray(order) ? order : undefined;
}

interface ListContext {
  readonly type: Type;
  readonly order: Json[] | undefined;
}

function mergeList(target: Json[], patch: Json[], { type, order }: ListContext): Json[] {
  const mergeKey = type.kind === 'list' ? type.rule.merge : undefined;
  if (mergeKey === undefined || type.kind !== 'list') return patch;
  if (mergeKey === '') {
    const added = patch.filter((item) => !target.some((other) => sameJson(item, other)));
    return inOrder([...target, ...added], order, (item) => item);
  }
  if (patch.some((item) => isObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !(isObject(item) && item['$patch'] === 'replace'));
  }
  const identity = (item: Json): Json => (isObject(item) ? (item[mergeKey] ?? null) : null);
  const result = [...target];
  for (const item of patch) {
    if (!isObject(item)) continue;
    if (item[mergeKey] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
    }
    const index = result.findIndex((other) => sameJson(identity(other), identity(item)));
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index >= 0) result[index] = strategicMerge(result[index], item, type.items);
    else result.push(strategicMerge(undefined, item, type.items));
  }
  return inOrder(result, order, identity);
}

/** Entries that the order names come in that order; the others stay before or after their neighbours as they were. */
function inOrder(items: Json[], order: Json[] | undefined, identity: (item: Json) => Json): Json[] {
  if (!order) return items;
  const names = order.map((item) => JSON.stringify(identity(item)));
  const position = (item: Json): number => names.indexOf(JSON.stringify(identity(item)));
  const ordered = items.filter((item) => position(item) >= 0).sort((a, b) => position(a) - position(b));
  return items.map((item) => (position(item) >= 0 ? (ordered.shift() ?? item) : item));
}
