import { asList, asObject, asText, isObject, type Json, type JsonObject, sameJson } from './objects.ts';
import { fieldType, type Type } from './schema.ts';

/**
 * Sets of fields in the form of `fieldsV1`: `f:name` for a field, `k:{"name":"x"}` for an entry of a list with keys,
 * `v:"x"` for a member of a set, `.` for the thing itself. A leaf is an empty object. Source: Kubernetes KEP-555.
 */
export type FieldSet = JsonObject;

/** All fields that the value sets. */
export function fieldsOf(value: Json | undefined, type: Type): FieldSet {
  const children = childrenOf(value, type);
  if (!children) return {};
  const set: FieldSet = {};
  for (const [key, child] of children) set[key] = withSelf(key, fieldsOf(child.value, child.type));
  return set;
}

/** Entries of lists with keys are owned as such, so that they go when their last owner goes. */
function withSelf(key: string, set: FieldSet): FieldSet {
  return key.startsWith('k:') ? { '.': {}, ...set } : set;
}

interface Child {
  readonly value: Json;
  readonly type: Type;
}

/** The parts with owners of their own, or undefined if the value is owned as a whole. */
function childrenOf(value: Json | undefined, type: Type): [string, Child][] | undefined {
  if (isObject(value)) {
    if (type.kind === 'object' && type.atomic) return undefined;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
    if (entries.length === 0) return undefined;
    return entries.map(([key, item]) => [`f:${key}`, { value: item ?? null, type: fieldType(type, key) }]);
  }
  if (!Array.isArray(value) || type.kind !== 'list' || value.length === 0) return undefined;
  if (type.rule.keys) {
    const keys = type.rule.keys;
    return value.map((item) => [`k:${entryKey(item, keys)}`, { value: item, type: type.items }]);
  }
  if (type.rule.set) return value.map((item) => [`v:${JSON.stringify(item)}`, { value: item, type: type.items }]);
  return undefined;
}

/** `protocol` is the one key that may be absent and then has a default. */
function entryKey(item: Json, keys: readonly string[]): string {
  const entry = asObject(item);
  return JSON.stringify(
    Object.fromEntries(keys.map((key) => [key, entry[key] ?? (key === 'protocol' ? 'TCP' : null)])),
  );
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a };
  for (const [key, value] of Object.entries(b)) result[key] = union(asObject(a[key]), asObject(value));
  return result;
}

/** What is in `a` and not in `b`, leaf by leaf. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, value] of Object.entries(a)) {
    const mine = asObject(value);
    const other = b[key];
    if (other === undefined) result[key] = mine;
    else {
      const rest = difference(mine, asObject(other));
      if (Object.keys(rest).length > 0) result[key] = rest;
    }
  }
  return result;
}

/**
 * What of `before` nobody holds any more. A part in which nobody holds anything goes as a whole, with the defaults that the
 * server has put there: a probe, for example, that has left the configuration.
 */
export function abandoned(before: FieldSet, held: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [name, value] of Object.entries(before)) result[name] = abandonedIn(asObject(value), asObject(held[name]));
  return Object.fromEntries(Object.entries(result).filter(([name, rest]) => !held[name] || !isEmpty(asObject(rest))));
}

function abandonedIn(before: FieldSet, held: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, value] of Object.entries(before)) {
    const other = held[key];
    if (other === undefined) {
      result[key] = key.startsWith('f:') ? {} : asObject(value);
      continue;
    }
    const rest = abandonedIn(asObject(value), asObject(other));
    if (!isEmpty(rest)) result[key] = rest;
  }
  return result;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, value] of Object.entries(a)) {
    const other = b[key];
    if (other === undefined) continue;
    const both = intersection(asObject(value), asObject(other));
    const isLeaf = isEmpty(asObject(value)) || isEmpty(asObject(other));
    if (isLeaf || !isEmpty(both)) result[key] = both;
  }
  return result;
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** The fields whose values differ between the two, among those that both or only the new one have. */
export function changedFields(before: Json | undefined, after: Json | undefined, type: Type): FieldSet {
  const old = new Map(childrenOf(before, type) ?? []);
  const result: FieldSet = {};
  for (const [key, child] of childrenOf(after, type) ?? []) {
    const previous = old.get(key);
    if (!previous) result[key] = withSelf(key, fieldsOf(child.value, child.type));
    else if (!sameJson(previous.value, child.value))
      result[key] = changedFields(previous.value, child.value, child.type);
  }
  return result;
}

/** The part of the set whose fields the value still has. */
export function existing(set: FieldSet, value: Json | undefined, type: Type): FieldSet {
  const children = new Map(childrenOf(value, type) ?? []);
  const result: FieldSet = {};
  for (const [key, rest] of Object.entries(set)) {
    if (key === '.') result[key] = {};
    const child = children.get(key);
    if (child) result[key] = existing(asObject(rest), child.value, child.type);
  }
  return result;
}

/** The value without the fields of the set. */
export function removeFields(value: Json, set: FieldSet, type: Type): Json {
  const keep = (key: string, child: Child): Json | undefined => {
    const rest = set[key];
    if (rest === undefined) return child.value;
    if (isEmpty(asObject(rest)) || isObject(asObject(rest)['.'])) return undefined;
    return removeFields(child.value, asObject(rest), child.type);
  };
  const children = childrenOf(value, type);
  if (!children) return value;
  const kept = children.flatMap(([key, child]) => {
    const left = keep(key, child);
    return left === undefined ? [] : [[key, left] as const];
  });
  if (Array.isArray(value)) return kept.map(([, item]) => item);
  return Object.fromEntries(kept.map(([key, item]) => [key.slice(2), item]));
}

/** The paths of all leaves as messages show them: `.spec.containers[name="app"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const keys = Object.keys(set).filter((key) => key !== '.');
  if (keys.length === 0) return [prefix];
  return keys.flatMap((key) => pathsOf(asObject(set[key]), `${prefix}${stepText(key)}`));
}

function stepText(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith('f:')) return `.${rest}`;
  if (key.startsWith('v:')) return `[=${rest}]`;
  const entries = Object.entries(asObject(JSON.parse(rest) as Json));
  return `[${entries.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}

/** Server-side apply: the configuration laid over the live object; lists with keys are merged entry by entry. */
export function mergeTyped(live: Json | undefined, config: Json, type: Type): Json {
  if (isObject(config) && isObject(live) && !(type.kind === 'object' && type.atomic)) {
    const result: JsonObject = { ...live };
    for (const [key, value] of Object.entries(config)) {
      if (value === undefined) continue;
      if (value === null) delete result[key];
      else result[key] = mergeTyped(live[key], value, fieldType(type, key));
    }
    return result;
  }
  if (!Array.isArray(config) || !Array.isArray(live) || type.kind !== 'list') return config;
  if (type.rule.set) return [...live, ...config.filter((item) => !live.some((other) => sameJson(item, other)))];
  const keys = type.rule.keys;
  if (!keys) return config;
  const names = config.map((item) => entryKey(item, keys));
  const others = asList(live).filter((item) => !names.includes(entryKey(item, keys)));
  const merged = config.map((item) => {
    const same = live.find((other) => entryKey(other, keys) === entryKey(item, keys));
    return mergeTyped(same, item, type.items);
  });
  const wasFirst = asText(entryKey(live[0] ?? null, keys));
  return names.includes(wasFirst) ? [...merged, ...others] : [...others, ...merged];
}
