import type { TSchema } from '@sinclair/typebox';
import { setOwn } from '../document/node.ts';
import { definitionsOf, dereference, isMap, toBoolean, valueSchemaOf } from './check.ts';

/**
 * The same document with each value in the type that its key has: numbers become strings where a string is wanted,
 * `yes` becomes true, empty values are left out. Takes a document that has passed the check and does not change it.
 */
export function normalize(schema: TSchema, document: Record<string, unknown>): Record<string, unknown> {
  const definitions = definitionsOf(schema);

  function visit(wanted: TSchema, value: unknown): unknown {
    const here = dereference(wanted, definitions);
    if (Array.isArray(here.anyOf)) return visit(toBranch(here.anyOf as TSchema[], value), value);
    if (value === null && here.nullable === true) return null;
    if (here.type === 'string') return toText(value);
    if (here.type === 'boolean') return toBoolean(value);
    if (here.type === 'integer') return typeof value === 'number' ? Math.trunc(value) : value;
    if (Array.isArray(value) && here.type === 'array') {
      const item = here.items as TSchema;
      const isFree = dereference(item, definitions).type === undefined;
      return value.filter((entry) => isFree || entry !== null).map((entry: unknown) => visit(item, entry));
    }
    return isMap(value) && here.type === 'object' ? visitMap(here, value) : value;
  }

  function visitMap(here: TSchema, value: Record<string, unknown>): Record<string, unknown> {
    const valueSchema = valueSchemaOf(here);
    const fields = (here.properties ?? {}) as Readonly<Record<string, TSchema>>;
    const result: Record<string, unknown> = {};
    Object.keys(value).forEach((key) => {
      const item = value[key];
      const wanted = valueSchema ?? fields[key];
      if (!wanted) setOwn(result, key, item);
      else if (item !== undefined && (item !== null || isKeptNull(wanted, valueSchema))) {
        setOwn(result, key, visit(wanted, item));
      }
    });
    return result;
  }

  /** A map with free values keeps its empty ones; a map of strings has empty strings. */
  function isKeptNull(wanted: TSchema, valueSchema: TSchema | undefined): boolean {
    if (!valueSchema) return false;
    const { type, anyOf } = dereference(wanted, definitions);
    return type === 'string' || (type === undefined && anyOf === undefined);
  }

  return visitMap(schema, document);
}

const toBranch = (branches: readonly TSchema[], value: unknown): TSchema =>
  branches.find(({ type }) => (isMap(value) ? type === 'object' : type !== 'object')) ?? branches[0] ?? ({} as TSchema);

/** A scalar as text; anything else cannot stand where the check has seen a string. */
const toText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
