import type { TSchema } from '@sinclair/typebox';
import { definitionsOf, dereference, isMap, valueSchemaOf } from './check.ts';

/**
 * The document as the original writes it: without empty strings, lists and maps, without false and 0 where absent means
 * the same. Required keys stay. What belongs to others, such as chart values, stays as it is.
 */
export function withoutEmpty(schema: TSchema, document: Record<string, unknown>): Record<string, unknown> {
  const definitions = definitionsOf(schema);

  function visit(here: TSchema, value: unknown): unknown {
    if (Array.isArray(here.anyOf)) {
      const branch = (here.anyOf as TSchema[]).find(({ type }) => (type === 'object') === isMap(value));
      return branch ? visit(branch, value) : value;
    }
    if (Array.isArray(value) && here.type === 'array') {
      const item = dereference(here.items as TSchema, definitions);
      return value.map((entry: unknown) => visit(item, entry));
    }
    return isMap(value) && here.type === 'object' ? visitMap(here, value) : value;
  }

  function visitMap(here: TSchema, value: Record<string, unknown>): Record<string, unknown> {
    const valueSchema = valueSchemaOf(here);
    const fields = (here.properties ?? {}) as Readonly<Record<string, TSchema>>;
    const isKept = (key: string): boolean =>
      [here.required, here.printed].some((keys) => (keys as string[] | undefined)?.includes(key));
    const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const wanted = valueSchema ?? fields[key];
      if (!wanted) return item === undefined ? [] : [[key, item]];
      const field = dereference(wanted, definitions);
      const printed = visit(field, item);
      return !valueSchema && !isKept(key) && isEmpty(field, printed) ? [] : [[key, printed]];
    });
    const printed = ((here.printed ?? []) as string[]).filter((key) => value[key] === undefined);
    return Object.fromEntries([...entries, ...printed.map((key) => [key, ''])]) as Record<string, unknown>;
  }

  return visitMap(schema, document);
}

function isEmpty(field: TSchema, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (field.type === undefined && field.anyOf === undefined) return false;
  if (value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.keys(value).length === 0 && valueSchemaOf(field) !== undefined;
  return (value === false || value === 0) && field.tristate !== true;
}
