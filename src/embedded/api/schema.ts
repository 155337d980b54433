import { asList, asObject, asText, isObject, type Json, type JsonObject } from './objects.ts';
import definitions from './schema.json';

/**
 * What the server knows about the fields of a type. Built-in types come from `schema.json`, custom ones from the
 * OpenAPI schema of their definition; `any` accepts everything.
 */
export type Type =
  | { readonly kind: 'string' | 'byte' | 'time' | 'integer' | 'number' | 'boolean' | 'quantity' | 'int-or-string' }
  | { readonly kind: 'any' }
  | { readonly kind: 'list'; readonly items: Type; readonly rule: ListRule }
  | { readonly kind: 'map'; readonly values: Type }
  | {
      readonly kind: 'object';
      readonly name: string;
      readonly fields: Readonly<Record<string, Type>>;
      readonly required: readonly string[];
      /** Replaced as a whole by apply: its fields have no owners of their own. */
      readonly atomic: boolean;
      /** A strategic merge drops the fields that the patch does not name. */
      readonly retainKeys: boolean;
    };

interface ListRule {
  /** Strategic merge: key of the entries, `''` for a set of plain values, undefined replaces the list. */
  readonly merge?: string;
  /** Server-side apply: keys that name an entry. */
  readonly keys?: readonly string[];
  readonly set?: boolean;
}

const scalars = ['string', 'byte', 'time', 'integer', 'number', 'boolean', 'quantity', 'int-or-string', 'any'] as const;
type Scalar = (typeof scalars)[number];

const table: Readonly<Record<string, string>> = definitions;

/** A built-in type by the name it has in `schema.json`, such as `V1Pod`. */
export function builtInType(name: string): Type {
  const text = table[name];
  if (text === undefined) return { kind: 'any' };
  let fields: Record<string, Type> | undefined;
  const entries = text === '' ? [] : text.split('; ').map(parseEntry);
  return {
    kind: 'object',
    name,
    get fields() {
      return (fields ??= Object.fromEntries(entries.map(({ key, type }) => [key, parse(type)])));
    },
    required: entries.flatMap(({ key, isRequired }) => (isRequired ? [key] : [])),
    atomic: false,
    retainKeys: false,
  };
}

export function hasBuiltInType(name: string): boolean {
  return Object.hasOwn(table, name);
}

/** `name!#3: string` — the mark says that the field is required, the number is that of the field in protobuf. */
function parseEntry(entry: string): { key: string; isRequired: boolean; number: string; type: string } {
  const [, key = '', mark = '', number = '', type = ''] = /^([^!#:]+)(!?)(?:#([\d.]+))?: (.*)$/.exec(entry) ?? [];
  return { key, isRequired: mark === '!', number, type };
}

/** The names of the fields of a built-in type by their number; `2.19` is field 19 of the embedded message in field 2. */
export function fieldNumbers(name: string): Map<string, string> {
  const entries = (table[name] ?? '').split('; ').map(parseEntry);
  return new Map(entries.filter(({ number }) => number !== '').map(({ key, number }) => [number, key]));
}

/** Names of all built-in types. */
export function builtInNames(): string[] {
  return Object.keys(table);
}

function parse(text: string): Type {
  const [base = '', ...rules] = text.split(' ');
  if (base.startsWith('['))
    return { kind: 'list', items: withRetain(parse(base.slice(1)), rules), rule: listRule(rules) };
  if (base.startsWith('{')) return { kind: 'map', values: parse(base.slice(1)) };
  const scalar = scalars.find((name) => name === base);
  if (scalar) return { kind: scalar };
  const type = builtInType(base);
  if (type.kind !== 'object') return type;
  if (!rules.includes('atomic')) return withRetain(type, rules);
  return { ...type, atomic: true };
}

function withRetain(type: Type, rules: readonly string[]): Type {
  if (type.kind !== 'object' || !rules.includes('retainKeys')) return type;
  return { ...type, retainKeys: true };
}

function listRule(rules: readonly string[]): ListRule {
  if (rules.includes('set')) return { merge: '', set: true };
  const merge = rules.find((rule) => rule.startsWith('merge='))?.slice(6);
  if (merge === undefined) return {};
  return {
    merge,
    keys: rules
      .find((rule) => rule.startsWith('keys='))
      ?.slice(5)
      .split(',') ?? [merge],
  };
}

/** The type that an OpenAPI schema of a custom resource definition describes. */
export function typeOfSchema(schema: JsonObject): Type {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'int-or-string' };
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return { kind: 'any' };
  const type = asText(schema['type']);
  if (type === 'array') {
    const listType = asText(schema['x-kubernetes-list-type']);
    const keys = asList(schema['x-kubernetes-list-map-keys']).map(asText);
    const rule = listType === 'map' ? { keys } : listType === 'set' ? { set: true } : {};
    return { kind: 'list', items: typeOfSchema(asObject(schema['items'])), rule };
  }
  if (type === 'object' && isObject(schema['properties'])) {
    const fields = Object.entries(schema['properties']).map(
      ([key, value]) => [key, typeOfSchema(asObject(value))] as const,
    );
    return {
      kind: 'object',
      name: '',
      fields: Object.fromEntries(fields),
      required: asList(schema['required']).map(asText),
      atomic: schema['x-kubernetes-map-type'] === 'atomic',
      retainKeys: false,
    };
  }
  if (type === 'object') {
    const values = schema['additionalProperties'];
    return isObject(values) ? { kind: 'map', values: typeOfSchema(values) } : { kind: 'map', values: { kind: 'any' } };
  }
  return { kind: scalars.find((name) => name === type) ?? 'any' };
}

/** The type of one field of a value of this type; `any` where nothing is known. */
export function fieldType(type: Type, field: string): Type {
  if (type.kind === 'map') return type.values;
  if (type.kind === 'object')
    return (Object.hasOwn(type.fields, field) ? type.fields[field] : undefined) ?? { kind: 'any' };
  return { kind: 'any' };
}

export interface Mismatch {
  readonly path: string;
  readonly problem: 'unknown' | 'type';
  /** For a wrong type: what was found and what belongs there. */
  readonly found: string;
  readonly wanted: string;
}

/** All places where the value does not fit the type: unknown fields and wrong types. `null` counts as absent. */
export function mismatches(value: Json, type: Type, path = ''): Mismatch[] {
  if (value === null || type.kind === 'any') return [];
  const wrong = (wanted: string): Mismatch[] => [{ path, problem: 'type', found: kindOf(value), wanted }];
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return wrong('array');
    return value.flatMap((item, index) => mismatches(item, type.items, `${path}[${index}]`));
  }
  if (type.kind === 'map') {
    if (!isObject(value)) return wrong('object');
    return Object.entries(value).flatMap(([key, item]) => mismatches(item ?? null, type.values, join(path, key)));
  }
  if (type.kind === 'object') {
    if (!isObject(value)) return wrong('object');
    return Object.entries(value).flatMap(([key, item]) => {
      const field = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
      if (!field) return [{ path: join(path, key), problem: 'unknown' as const, found: '', wanted: '' }];
      return mismatches(item ?? null, field, join(path, key));
    });
  }
  return fits(value, type.kind) ? [] : wrong(type.kind);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

const quantityPattern = /^[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/;

function fits(value: Json, kind: Scalar): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'quantity':
      return typeof value === 'number' || (typeof value === 'string' && quantityPattern.test(value));
    case 'int-or-string':
      return typeof value === 'string' || typeof value === 'number';
    case 'byte':
      return typeof value === 'string' && isBase64(value.replaceAll(/[\r\n]/g, ''));
    case 'string':
    case 'time':
      return typeof value === 'string';
  }
}

/** The value without the fields that the type does not know; what the real server does unless asked to be strict. */
export function prune(value: Json, type: Type): Json {
  if (Array.isArray(value)) return type.kind === 'list' ? value.map((item) => prune(item, type.items)) : value;
  if (!isObject(value) || (type.kind !== 'object' && type.kind !== 'map')) return value;
  const kept = Object.entries(value).filter(([key, item]) => {
    return item !== undefined && item !== null && (type.kind === 'map' || Object.hasOwn(type.fields, key));
  });
  return Object.fromEntries(kept.map(([key, item]) => [key, prune(item ?? null, fieldType(type, key))]));
}
