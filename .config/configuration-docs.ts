import { component } from '../src/config/schema/v2beta1/component.ts';
import { v2beta1 } from '../src/config/schema/v2beta1.ts';
import { versions } from '../src/config/versions/ladder.ts';
import { deliberateDifferences } from '../test/corpus/deliberate-differences.ts';

interface Schema {
  readonly type?: string | string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly expected?: readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** The text of `docs/configuration.md`. */
export function toConfigurationDocs(): string {
  const root = v2beta1 as Schema;
  const sections = Object.entries(root.properties ?? {}).flatMap(([key, schema]) => toSection(key, schema));
  return `${[
    '# devspace.yaml',
    '',
    '<!-- Generated from the key trees in src/config/schema by `npm run generate`. Do not edit. -->',
    '',
    'This is the newest version, `v2beta1`. Files of older versions work as they are: see [below](#older-versions).',
    '',
    '| Key | Type | Meaning |',
    '|---|---|---|',
    ...Object.entries(root.properties ?? {}).map(
      ([key, schema]) => `| [\`${key}\`](#${key.toLowerCase()}) | ${typeOf(schema)} | ${schema.description ?? ''} |`,
    ),
    '',
    ...sections,
    '## Values of the component chart',
    '',
    'What stands under `deployments.NAME.helm.values` when the deployment names no chart.',
    '',
    ...toTable(component as Schema, ''),
    '',
    ...toOlderVersions(),
    ...toDifferences(),
  ].join('\n')}\n`;
}

function toSection(key: string, schema: Schema): string[] {
  const heading = [`## ${key}`, '', schema.description ?? '', ''];
  const { inner, suffix } = innerOf(schema);
  return inner ? [...heading, ...toTable(inner, `${key}${suffix}`), ''] : heading;
}

/** The map with known keys inside a list, a map of names or a union, and how its path is written. */
function innerOf(schema: Schema): { inner: Schema | undefined; suffix: string } {
  if (schema.properties) return { inner: schema, suffix: '' };
  const values = Object.values(schema.patternProperties ?? {})[0];
  const branch = schema.anyOf?.find(({ properties }) => properties);
  if (values) return withSuffix('.NAME', innerOf(values));
  if (schema.items) return withSuffix('[]', innerOf(schema.items));
  return branch ? { inner: branch, suffix: '' } : { inner: undefined, suffix: '' };
}

const withSuffix = (suffix: string, found: { inner: Schema | undefined; suffix: string }) => ({
  inner: found.inner,
  suffix: suffix + found.suffix,
});

function toTable(schema: Schema, path: string): string[] {
  return ['| Key | Type | Default | Meaning |', '|---|---|---|---|', ...toRows(schema, path)];
}

function toRows(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const required = [schema.required, schema.expected].some((keys) => keys?.includes(key)) ? ' **(required)**' : '';
    const standard = field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``;
    const row = `| \`${here}\`${required} | ${typeOf(field)} | ${standard} | ${field.description ?? ''} |`;
    const { inner, suffix } = innerOf(field);
    return inner && !isToldElsewhere(here) ? [row, ...toRows(inner, `${here}${suffix}`)] : [row];
  });
}

/** Containers have the keys of their pod, sections of profiles those of the file. */
const isToldElsewhere = (path: string): boolean => /^dev\.NAME\.containers$|^profiles\[\]\.replace$/.test(path);

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (Array.isArray(schema.type)) return 'scalar';
  if (schema.items) return `list of ${pluralOf(schema.items)}`;
  if (schema.patternProperties) return `map of ${pluralOf(Object.values(schema.patternProperties)[0] ?? {})}`;
  return words[schema.type ?? ''] ?? 'any';
}

const words: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'Boolean',
  integer: 'number',
  object: 'map',
};

function pluralOf(schema: Schema): string {
  const word = typeOf(schema);
  return word === 'any' ? 'values' : word === 'map' ? 'maps' : `${word}s`;
}

function toOlderVersions(): string[] {
  const older = versions.filter(({ name }) => name !== 'v2beta1');
  return [
    '## Older versions',
    '',
    'A file of an older version is checked against the keys of that version and brought to the newest one in memory;',
    '`devspace update config` writes the result. What changed from version to version:',
    '',
    ...older.flatMap(({ name, schema }, index) => {
      const before = older[index - 1];
      return [`### ${name}`, '', ...toChanges(schema as Schema, before?.schema as Schema | undefined), ''];
    }),
  ];
}

function toChanges(schema: Schema, before: Schema | undefined): string[] {
  const keys = keysOf(schema);
  if (!before) return [`Keys: ${list(keys)}`];
  const known = keysOf(before);
  const added = keys.filter((key) => !known.includes(key));
  const removed = known.filter((key) => !keys.includes(key));
  return [
    ...(added.length > 0 ? [`- New: ${list(added)}`] : []),
    ...(removed.length > 0 ? [`- Gone: ${list(removed)}`] : []),
    ...(added.length + removed.length === 0 ? ['- Other defaults only.'] : []),
  ];
}

const list = (keys: readonly string[]): string => keys.map((key) => `\`${key}\``).join(', ');

/** All paths of a tree that is written with references; a group that has been told is not told again below itself. */
function keysOf(root: Schema): string[] {
  const groups = root.$defs ?? {};
  const visit = (schema: Schema, path: string): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
      const target = field.items ?? Object.values(field.patternProperties ?? {})[0] ?? field;
      const suffix = field.items ? '[]' : field.patternProperties && target.$ref ? '.NAME' : '';
      const here = path === '' ? key : `${path}.${key}`;
      const group = target.$ref ? groups[target.$ref.replace('#/$defs/', '')] : undefined;
      return group && !isToldElsewhere(here) ? [here, ...visit(group, `${here}${suffix}`)] : [here];
    });
  return visit(root, '');
}

function toDifferences(): string[] {
  return [
    '## What differs from DevSpace 6',
    '',
    '`devspace print` gives the same result as DevSpace 6.3.21, except for these improvements:',
    '',
    ...deliberateDifferences.map(({ title, reason }) => `- **${title}.** ${reason}`),
  ];
}
