import type { TSchema } from '@sinclair/typebox';

/** What a schema wants, in plain words: `a list of strings`. */
export function toExpected(schema: TSchema, resolve: (schema: TSchema) => TSchema): string {
  if (Array.isArray(schema.anyOf)) {
    return (schema.anyOf as TSchema[]).map((branch) => toExpected(resolve(branch), resolve)).join(' or ');
  }
  if (Array.isArray(schema.type)) return 'a string, a number or a Boolean';
  if (schema.type === 'array') return `a list of ${toPlural(resolve(schema.items as TSchema))}`;
  return singular[schema.type as string] ?? 'a value';
}

const singular: Readonly<Record<string, string>> = {
  object: 'a map',
  string: 'a string',
  boolean: 'true or false',
  integer: 'a whole number',
};

const plural: Readonly<Record<string, string>> = {
  object: 'maps',
  string: 'strings',
  boolean: 'Booleans',
  integer: 'whole numbers',
  array: 'lists',
};

const toPlural = (schema: TSchema): string => plural[schema.type as string] ?? 'values';

/** What stands in the document, in plain words: `a list`, `the string "80"`. */
export function toFound(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number') return `the number ${String(value)}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return 'something else';
  return isShort(value) ? `the string "${value}"` : 'a string';
}

const isShort = (value: string): boolean => value.length <= 40 && !value.includes('\n');

/** A hint for mistakes that are easy to make. */
export function toAllowed(schema: TSchema, value: unknown): string | undefined {
  if (schema.type === 'array' && typeof value !== 'object') return 'a list: put `- ` before each value';
  if (schema.type === 'integer' && typeof value === 'string' && /^-?\d+$/.test(value)) return `${value} without quotes`;
  if (schema.type === 'object' && Array.isArray(value)) return 'a map: `key: value` without `- `';
  return undefined;
}
