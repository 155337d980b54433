import type { TSchema } from '@sinclair/typebox';
import type { Finding, KeyPath } from '../finding.ts';
import { toSuggestion } from './suggestion.ts';
import { toAllowed, toExpected, toFound } from './words.ts';

type Definitions = Readonly<Record<string, TSchema>>;

/**
 * Compares a document with a key tree: unknown keys, values of the wrong type, missing keys. Numbers and Booleans pass
 * as strings, `yes` and `no` as Booleans, and `null` as absent, as the original's YAML decoder lets them.
 */
export function checkSchema(schema: TSchema, value: unknown): Finding[] {
  return check({ schema, value, path: [], definitions: definitionsOf(schema) });
}

/** The schema that a reference stands for. */
export function dereference(schema: TSchema, definitions: Definitions): TSchema {
  const target = typeof schema.$ref === 'string' ? definitions[schema.$ref.replace('#/$defs/', '')] : undefined;
  return target ?? schema;
}

export const definitionsOf = (schema: TSchema): Definitions => (schema.$defs as Definitions | undefined) ?? {};

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the values of a map with free names look like; undefined for a map with known keys. */
export function valueSchemaOf(schema: TSchema): TSchema | undefined {
  const patterns = schema.patternProperties as Readonly<Record<string, TSchema>> | undefined;
  return patterns && Object.values(patterns)[0];
}

interface Place {
  readonly schema: TSchema;
  readonly value: unknown;
  /** One list for all places, so that a large file needs no new one for each of its values; findings get a copy. */
  readonly path: (string | number)[];
  readonly definitions: Definitions;
}

function check(place: Place): Finding[] {
  const { value, definitions } = place;
  if (value === null || value === undefined) return [];
  const schema = dereference(place.schema, definitions);
  if (Array.isArray(schema.anyOf)) return checkUnion({ ...place, schema }, schema.anyOf as TSchema[]);
  if (schema.type === 'object') return checkMap({ ...place, schema });
  if (schema.type === 'array') return checkList({ ...place, schema });
  return checkScalar({ ...place, schema });
}

function checkUnion(place: Place, branches: readonly TSchema[]): Finding[] {
  const results = branches.map((schema) => ({ schema, findings: check({ ...place, schema }) }));
  if (results.some(({ findings }) => findings.length === 0)) return [];
  const fitting = results.filter(({ schema }) => isSameKind(dereference(schema, place.definitions), place.value));
  const [best] = fitting.sort((one, other) => one.findings.length - other.findings.length);
  return best ? best.findings : [wrongType(place)];
}

function isSameKind(schema: TSchema, value: unknown): boolean {
  if (isMap(value)) return schema.type === 'object';
  return Array.isArray(value) ? schema.type === 'array' : false;
}

function checkMap(place: Place): Finding[] {
  const { schema, value } = place;
  if (!isMap(value)) return [wrongType(place)];
  const valueSchema = valueSchemaOf(schema);
  const fields = (schema.properties ?? {}) as Readonly<Record<string, TSchema>>;
  const findings: Finding[] = [];
  for (const key of Object.keys(value)) {
    const field = valueSchema ?? (Object.hasOwn(fields, key) ? fields[key] : undefined);
    findings.push(...checkEntry(place, { key, field, item: value[key] }));
  }
  return valueSchema ? findings : [...findings, ...missingKeys(place)];
}

interface EntryToCheck {
  readonly key: string | number;
  /** Absent for a key that is not known. */
  readonly field: TSchema | undefined;
  readonly item: unknown;
}

function checkEntry({ schema, path, definitions }: Place, { key, field, item }: EntryToCheck): Finding[] {
  path.push(key);
  const findings = field
    ? check({ schema: field, value: item, path, definitions })
    : [unknownKey({ path: [...path], key: String(key), known: Object.keys((schema.properties ?? {}) as object) })];
  path.pop();
  return findings;
}

function unknownKey({ path, key, known }: { path: KeyPath; key: string; known: readonly string[] }): Finding {
  const suggestion = toSuggestion(key, known);
  return {
    severity: 'error',
    path,
    at: 'key',
    message: `unknown key \`${key}\``,
    allowed: known.length === 0 ? 'no keys here' : known.join(', '),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function missingKeys({ schema, value, path }: Place): Finding[] {
  if (!schema.required && !schema.expected) return [];
  const missing = (keys: unknown, severity: Finding['severity']): Finding[] =>
    ((keys ?? []) as string[])
      .filter((key) => !isMap(value) || value[key] === undefined || value[key] === null)
      .map((key) => ({ severity, path: [...path], at: 'key', message: `the key \`${key}\` is missing` }));
  return [...missing(schema.required, 'error'), ...missing(schema.expected, 'warning')];
}

function checkList(place: Place): Finding[] {
  const { schema, value, path, definitions } = place;
  if (!Array.isArray(value)) return [wrongType(place)];
  const itemSchema = schema.items as TSchema;
  const isFree = dereference(itemSchema, definitions).type === undefined;
  return value.flatMap((item: unknown, index) =>
    item === null && !isFree
      ? [emptyItem([...path, index])]
      : checkEntry(place, { key: index, field: itemSchema, item }),
  );
}

/** The original's YAML decoder leaves such items out. */
const emptyItem = (path: KeyPath): Finding => ({
  severity: 'warning',
  path,
  at: 'value',
  message: 'this item is empty and counts as absent',
});

function checkScalar(place: Place): Finding[] {
  const { schema, value, path } = place;
  if (schema.type === undefined) return [];
  if (schema.type === 'integer' && isFraction(value)) return [fraction([...path], value)];
  if (!fitsScalar(schema, value)) return [wrongType(place)];
  const words = schema.enum as string[] | undefined;
  if (!words || value === '' || words.includes(String(value))) return [];
  const suggestion = toSuggestion(String(value), words);
  return [
    {
      severity: schema.isOpen === true ? 'warning' : 'error',
      path: [...path],
      at: 'value',
      message: `\`${String(value)}\` is not allowed here`,
      allowed: words.join(', '),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ];
}

const isFraction = (value: unknown): value is number => Number.isFinite(value) && !Number.isInteger(value);

/** The original's YAML decoder cuts off what stands behind the point. */
const fraction = (path: KeyPath, value: number): Finding => ({
  severity: 'warning',
  path,
  at: 'value',
  message: `expected a whole number, found the number ${String(value)}, which counts as ${String(Math.trunc(value))}`,
});

function fitsScalar(schema: TSchema, value: unknown): boolean {
  if (schema.type === 'boolean') return typeof value === 'boolean' || isSpelledBoolean(value);
  if (schema.type === 'integer') return Number.isInteger(value);
  return typeof value !== 'object';
}

const spelledBooleans: Readonly<Record<string, boolean>> = {
  y: true,
  Y: true,
  yes: true,
  on: true,
  n: false,
  N: false,
  no: false,
  off: false,
};

/** The words of YAML 1.1 that count as Booleans where a Boolean is expected. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && Object.hasOwn(spelledBooleans, value) ? spelledBooleans[value] : undefined;
}

const isSpelledBoolean = (value: unknown): boolean => toBoolean(value) !== undefined;

function wrongType({ schema, value, path, definitions }: Place): Finding {
  const resolved = dereference(schema, definitions);
  const allowed = toAllowed(resolved, value);
  return {
    severity: 'error',
    path: [...path],
    at: 'value',
    message: `expected ${toExpected(resolved, (inner) => dereference(inner, definitions))}, found ${toFound(value)}`,
    ...(allowed === undefined ? {} : { allowed }),
  };
}
