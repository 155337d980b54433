import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { toConfigurationDocs } from '../../.config/configuration-docs.ts';
import { toJsonSchema } from '../../.config/json-schema.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describe('what is generated from the key trees is up to date (npm run generate)', () => {
  test('devspace.schema.json', () => {
    expect(read('devspace.schema.json')).toBe(toJsonSchema());
  });

  test('docs/configuration.md', () => {
    expect(read('docs/configuration.md')).toBe(toConfigurationDocs());
  });
});

describe('the JSON schema', () => {
  const schema = JSON.parse(toJsonSchema()) as { $defs: Record<string, unknown> };

  test('refers only to definitions that exist', () => {
    const references = [...toJsonSchema().matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((name) => !(name in schema.$defs))).toEqual([]);
  });

  test('tells the meaning of every key', () => {
    const withoutMeaning: string[] = [];
    const visit = (value: unknown, place: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('properties' in value && typeof value.properties === 'object' && value.properties !== null && place !== '') {
        for (const [key, field] of Object.entries(value.properties)) {
          if (!(field as { description?: string }).description) withoutMeaning.push(`${place}.${key}`);
        }
      }
      for (const [key, child] of Object.entries(value)) visit(child, `${place}/${key}`);
    };
    visit(schema.$defs, '$defs');
    expect(withoutMeaning).toEqual([]);
  });
});
