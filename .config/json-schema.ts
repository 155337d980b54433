import { newestVersion, versions } from '../src/config/versions/ladder.ts';

/** A JSON schema while it is put together. */
type Json = Record<string, unknown>;

/** The text of `devspace.schema.json`: the newest version, and each older one where the file declares it. */
export function toJsonSchema(): string {
  const definitions: Record<string, Json> = {};
  const branches = versions.map(({ name, schema }) => {
    const source = JSON.parse(JSON.stringify(schema)) as Json;
    const own = (source.$defs ?? {}) as Record<string, Json>;
    delete source.$defs;
    define({ definitions, name, schema: toEditorSchema(source, (group) => refer({ group, own, name, definitions })) });
    return { name, $ref: `#/$defs/${name}` };
  });
  const older = branches.filter(({ name }) => name !== newestVersion);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'devspace.yaml',
    description: 'Configuration of DevSpace.',
    type: 'object',
    properties: { version: { enum: branches.map(({ name }) => name) } },
    required: ['version'],
    allOf: [
      ...older.map(({ name, $ref }) => ({ if: declares(name), then: { $ref } })),
      { if: { not: { anyOf: older.map(({ name }) => declares(name)) } }, then: { $ref: `#/$defs/${newestVersion}` } },
    ],
    $defs: definitions,
  };
  return toText(schema);
}

/** One line for each definition: short enough to ship, and a change shows as the lines that it concerns. */
function toText({ $defs, ...rest }: { $defs: Record<string, Json> }): string {
  const head = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = Object.entries($defs).map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return ['{', ...head, '  "$defs": {', lines.join(',\n'), '  }', '}', ''].join('\n');
}

const declares = (version: string) => ({ properties: { version: { const: version } }, required: ['version'] });

function define({
  definitions,
  name,
  schema,
}: {
  definitions: Record<string, Json>;
  name: string;
  schema: Json;
}): void {
  definitions[name] = schema;
}

interface Reference {
  readonly group: string;
  readonly own: Record<string, Json>;
  readonly name: string;
  readonly definitions: Record<string, Json>;
}

/** The place of a group under `$defs`; what is equal in several versions stands there once. */
function refer({ group, own, name, definitions }: Reference): string {
  const schema = toEditorSchema(own[group] ?? {}, (inner) => refer({ group: inner, own, name, definitions }));
  const text = JSON.stringify(schema);
  const known = Object.entries(definitions).find(
    ([key, value]) => key.startsWith(`${group}@`) && JSON.stringify(value) === text,
  );
  if (known) return known[0];
  const key = `${group}@${name}`;
  definitions[key] = schema;
  return key;
}

/** What an editor should accept: variables and expressions may stand for any value, numbers for strings. */
function toEditorSchema(schema: Json, toKey: (group: string) => string): Json {
  const { tristate: _, printed: __, nullable: ___, expected, isOpen: ____, ...rest } = schema;
  if (expected !== undefined)
    rest.required = [...((rest.required as string[] | undefined) ?? []), ...(expected as string[])];
  const visit = (value: unknown): Json => toEditorSchema(value as Json, toKey);
  if (typeof rest.$ref === 'string') return { ...rest, $ref: `#/$defs/${toKey(rest.$ref.replace('#/$defs/', ''))}` };
  const result: Json = { ...rest };
  if (Array.isArray(rest.anyOf)) result.anyOf = rest.anyOf.map(visit);
  if (rest.items !== undefined) result.items = visit(rest.items);
  for (const key of ['properties', 'patternProperties']) {
    const fields = rest[key] as Record<string, Json> | undefined;
    if (fields) result[key] = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, visit(field)]));
  }
  return withVariables(result);
}

function withVariables(schema: Json): Json {
  const { description, default: standard, ...wanted } = schema;
  const notes = { ...(description ? { description } : {}), ...(standard === undefined ? {} : { default: standard }) };
  if (schema.type === 'string' && schema.enum === undefined)
    return { ...notes, type: ['string', 'number', 'boolean', 'null'] };
  if (schema.type === 'boolean' || schema.type === 'integer' || schema.enum !== undefined) {
    return { ...notes, anyOf: [wanted, { type: 'string', pattern: '\\$' }, { type: 'null' }] };
  }
  if (schema.type === 'object' || schema.type === 'array') return { ...schema, type: [schema.type, 'null'] };
  return schema;
}
