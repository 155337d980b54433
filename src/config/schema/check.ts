import type { TSchema } from '@sinclair/typebox';
import type { Finding, KeyPath, Report } from '../finding.ts';
import { toSuggestion } from './suggestion.ts';
import { toAllowed, toExpected, toFound } from './words.ts';

type Definitions = Readonly<Record<string, TSchema>>;

/**
 * Compares a document with a key tree: unknown keys, values of the wrong type, missing keys. Numbers and Booleans pass
 * as strings, `yes` and `no` as Booleans, and `null` as absent, as the original's YAML decoder lets them.
 */
export function checkSchema(schema: TSchema, value: unknown): Finding[] {
  const definitions = definitionsOf(schema);
  return found((report) => check({ schema: dereference(schema, definitions), value, path: [], definitions, report }));
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
  /** Never a reference. */
  readonly schema: TSchema;
  readonly value: unknown;
  /** One list for all places, so that a large file needs no new one for each of its values; findings get a copy. */
  readonly path: (string | number)[];
  readonly definitions: Definitions;
  readonly report: Report;
}

function check(place: Place): void {
  const { schema, value } = place;
  if (value === null || value === undefined) return;
  if (Array.isArray(schema.anyOf)) checkUnion(place, schema.anyOf as TSchema[]);
  else if (schema.type === 'object') checkMap(place);
  else if (schema.type === 'array') checkList(place);
  else checkScalar(place);
}

function checkUnion(place: Place, branches: readonly TSchema[]): void {
  const results = branches.map((branch) => {
    const schema = dereference(branch, place.definitions);
    return { schema, findings: found((report) => check({ ...place, schema, report })) };
  });
  if (results.some(({ findings }) => findings.length === 0)) return;
  const fitting = results.filter(({ schema }) => isSameKind(schema, place.value));
  const [best] = fitting.sort((one, other) => one.findings.length - other.findings.length);
  (best?.findings ?? [wrongType(place)]).forEach(place.report);
}

function found(look: (report: Report) => void): Finding[] {
  const findings: Finding[] = [];
  look((finding) => void findings.push(finding));
  return findings;
}

function isSameKind(schema: TSchema, value: unknown): boolean {
  if (isMap(value)) return schema.type === 'object';
  return Array.isArray(value) ? schema.type === 'array' : false;
}

function checkMap(place: Place): void {
  const { schema, value, report } = place;
  if (!isMap(value)) {
    report(wrongType(place));
    return;
  }
  const valueSchema = valueSchemaOf(schema);
  const fields = (schema.properties ?? {}) as Readonly<Record<string, TSchema>>;
  Object.keys(value).forEach((key) => {
    const field = valueSchema ?? (Object.hasOwn(fields, key) ? fields[key] : undefined);
    if (field) checkEntry(place, { key, field, item: value[key] });
    else report(unknownKey(place, key));
  });
  if (!valueSchema) reportMissing(place, value);
}

interface EntryToCheck {
  readonly key: string | number;
  readonly field: TSchema;
  readonly item: unknown;
}

function checkEntry({ path, definitions, report }: Place, { key, field, item }: EntryToCheck): void {
  path.push(key);
  check({ schema: dereference(field, definitions), value: item, path, definitions, report });
  path.pop();
}

function unknownKey({ schema, path }: Place, key: string): Finding {
  const known = Object.keys((schema.properties ?? {}) as object);
  const suggestion = toSuggestion(key, known);
  return {
    severity: 'error',
    path: [...path, key],
    at: 'key',
    message: `unknown key \`${key}\``,
    allowed: known.length === 0 ? 'no keys here' : known.join(', '),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function reportMissing({ schema, path, report }: Place, value: Readonly<Record<string, unknown>>): void {
  const look = (keys: unknown, severity: Finding['severity']): void => {
    for (const key of (keys ?? []) as string[]) {
      if (value[key] !== undefined && value[key] !== null) continue;
      report({ severity, path: [...path], at: 'key', message: `the key \`${key}\` is missing` });
    }
  };
  look(schema.required, 'error');
  look(schema.expected, 'warning');
}

function checkList(place: Place): void {
  const { schema, value, path, definitions, report } = place;
  if (!Array.isArray(value)) {
    report(wrongType(place));
    return;
  }
  const field = schema.items as TSchema;
  const isFree = dereference(field, definitions).type === undefined;
  value.forEach((item: unknown, key) => {
    if (item === null && !isFree) report(emptyItem([...path, key]));
    else checkEntry(place, { key, field, item });
  });
}

/** The original's YAML decoder leaves such items out. */
const emptyItem = (path: KeyPath): Finding => ({
  severity: 'warning',
  path,
  at: 'value',
  message: 'this item is empty and counts as absent',
});

function checkScalar(place: Place): void {
  const { schema, value, path, report } = place;
  if (schema.type === undefined) return;
  const words = schema.enum as string[] | undefined;
  if (schema.type === 'integer' && isFraction(value)) report(fraction([...path], value));
  else if (!fitsScalar(schema, value)) report(wrongType(place));
  else if (words && value !== '' && !words.includes(String(value))) report(wrongWord(place, words));
}

function wrongWord({ schema, value, path }: Place, words: readonly string[]): Finding {
  const suggestion = toSuggestion(String(value), words);
  return {
    severity: schema.isOpen === true ? 'warning' : 'error',
    path: [...path],
    at: 'value',
    message: `\`${String(value)}\` is not allowed here`,
    allowed: words.join(', '),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
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
  const allowed = toAllowed(schema, value);
  return {
    severity: 'error',
    path: [...path],
    at: 'value',
    message: `expected ${toExpected(schema, (inner) => dereference(inner, definitions))}, found ${toFound(value)}`,
    ...(allowed === undefined ? {} : { allowed }),
  };
}
