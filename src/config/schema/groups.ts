import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { object } from './fields.ts';

/** The key tree of a version as named maps that refer to each other. The document itself is the group `config`. */
export type Groups = Readonly<Record<string, TProperties>>;

export interface GroupChange {
  /** New keys, and keys with a new meaning. */
  readonly add?: TProperties;
  /** Keys that the version does not know any more. */
  readonly remove?: readonly string[];
}

/** A map that is defined as a group. */
export const ref = (group: string, description: string) =>
  Type.Unsafe<unknown>({ $ref: `#/$defs/${group}`, description });

export const listOf = (group: string, description: string) =>
  Type.Array(Type.Unsafe<unknown>({ $ref: `#/$defs/${group}` }), { description });

export const mapOf = (group: string, description: string) =>
  Type.Record(Type.String(), Type.Unsafe<unknown>({ $ref: `#/$defs/${group}` }), { description });

/** The tree of the next version, told by what changed. */
export function evolve(groups: Groups, changes: Readonly<Record<string, GroupChange>>): Groups {
  const result: Record<string, TProperties> = { ...groups };
  for (const [name, { add = {}, remove = [] }] of Object.entries(changes)) {
    const kept = Object.entries(groups[name] ?? {}).filter(([key]) => !remove.includes(key));
    result[name] = { ...Object.fromEntries(kept), ...add };
  }
  return result;
}

/** Keys without which a map of the older versions makes no sense. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  config: ['version'],
  variable: ['name'],
};

/** Keys without which a map of the older versions has no effect. */
const expectedKeys: Readonly<Record<string, readonly string[]>> = {
  patch: ['op', 'path'],
};

/** A group, the whole document without a name, as one schema, with all groups under `$defs`. */
export function toSchema(groups: Groups, root = 'config'): TSchema {
  const definitions = Object.entries(groups).map(([name, fields]): [string, TSchema] => {
    const required = requiredKeys[name];
    const expected = expectedKeys[name];
    return [name, object(fields, { ...(required ? { required } : {}), ...(expected ? { expected } : {}) })];
  });
  const $defs = Object.fromEntries(definitions);
  return { ...($defs[root] ?? object({})), $defs };
}

const made = new WeakMap<Groups, Map<string, TSchema>>();

/** The same, made when it is first asked for: a file is of one version, and there are many. */
export function schemaOf(groups: Groups, root = 'config'): TSchema {
  const schemas = made.get(groups) ?? new Map<string, TSchema>();
  const schema = schemas.get(root) ?? toSchema(groups, root);
  made.set(groups, schemas.set(root, schema));
  return schema;
}
