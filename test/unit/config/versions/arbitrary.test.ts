import type { TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSchema, definitionsOf, dereference, valueSchemaOf } from '../../../../src/config/schema/check.ts';
import { checkSemantics, checkStrict, upgradeToNewest, versions } from '../../../../src/config/versions/ladder.ts';
import { toPrintShape } from '../../../../src/config/versions/model.ts';
import type { Data } from '../../../../src/config/versions/version.ts';

const words = ['app', 'api', 'My App', 'x', '', 'r.example.com/a:1', 'image(app):tag(app)', 'all', '5'];

/** Documents that a key tree allows. */
function documentsOf(schema: TSchema): fc.Arbitrary<Data> {
  const definitions = definitionsOf(schema);
  const fieldsOf = (here: TSchema, depth: number): fc.Arbitrary<Data> => {
    const fields = Object.entries((here.properties ?? {}) as Record<string, TSchema>).filter(
      ([key]) => key !== 'version',
    );
    const required = ((here.required ?? []) as string[]).filter((key) => key !== 'version');
    const model = Object.fromEntries(fields.map(([key, field]) => [key, valuesOf(field, depth + 1)]));
    return fc.record(model, { requiredKeys: required });
  };
  const valuesOf = (wanted: TSchema, depth: number): fc.Arbitrary<unknown> => {
    const here = dereference(wanted, definitions);
    const values = valueSchemaOf(here);
    if (Array.isArray(here.enum)) return fc.constantFrom(...(here.enum as string[]));
    if (Array.isArray(here.anyOf))
      return fc.oneof(...(here.anyOf as TSchema[]).map((branch) => valuesOf(branch, depth)));
    if (here.type === 'boolean') return fc.boolean();
    if (here.type === 'integer') return fc.nat(70_000);
    if (here.type === 'array') return fc.array(valuesOf(here.items as TSchema, depth), { maxLength: 2 });
    if (values) return fc.dictionary(fc.constantFrom('app', 'api', 'My_X'), valuesOf(values, depth), { maxKeys: 2 });
    if (here.type === 'object') return depth > 6 ? fc.constant({}) : fieldsOf(here, depth);
    return here.type === undefined ? fc.constantFrom(1, 'a', { b: [1] }) : fc.constantFrom(...words);
  };
  return fieldsOf(schema, 0);
}

describe('whatever a version allows', () => {
  test.each(versions)(
    '$name: can be brought to the newest, which allows the result',
    { timeout: 60_000 },
    ({ name, schema }) => {
      fc.assert(
        fc.property(documentsOf(schema), (fields) => {
          const document = { ...fields, version: name };
          const before = structuredClone(document);
          fc.pre(checkStrict(name, document).every(({ severity }) => severity === 'warning'));
          const paths: unknown[] = [];
          const { model, origins } = upgradeToNewest(name, document, ({ path }) => paths.push(path));
          const found = checkSchema(versions.at(-1)?.schema ?? schema, { ...model });
          expect(found.filter(({ message }) => !message.endsWith('is missing'))).toEqual([]);
          expect(document).toEqual(before);
          for (const { path } of checkSemantics(model)) paths.push(origins.toDeclared(path));
          expect(paths.filter((path) => !isWithin(document, path as (string | number)[]))).toEqual([]);
          expect(toPrintShape(model).version).toBe('v2beta1');
        }),
        { numRuns: 15, seed: 7 },
      );
    },
  );
});

/** Findings point at what the user wrote: the first key of each path is one of the document, or it points at the top. */
function isWithin(document: Data, [first]: readonly (string | number)[]): boolean {
  return first === undefined || Object.hasOwn(document, first);
}
