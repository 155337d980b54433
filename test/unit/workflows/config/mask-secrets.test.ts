import { describe, expect, test } from 'vitest';
import type { Resolver } from '../../../../src/config/variables/resolver.ts';
import { maskSecrets } from '../../../../src/workflows/config/mask-secrets.ts';

type ResolvedVariable = NonNullable<Awaited<ReturnType<Resolver['resolve']>>>;

function withSecrets(...values: ResolvedVariable['value'][]): { readonly resolver: Resolver } {
  const resolved = new Map(
    values.map((value, index): [string, ResolvedVariable] => [
      `S${index}`,
      { name: `S${index}`, value, origin: 'answer', isSecret: true },
    ]),
  );
  resolved.set('PLAIN', { name: 'PLAIN', value: 'visible', origin: 'value', isSecret: false });
  return { resolver: { resolved } as unknown as Resolver };
}

describe('maskSecrets', () => {
  test('masks secrets everywhere and nothing else', () => {
    const data = { a: ['x-hunter2-y', { b: 'hunter2' }], c: 'visible', d: 7, e: null, f: true };
    expect(maskSecrets(data, withSecrets('hunter2'))).toEqual({ ...data, a: ['x-***-y', { b: '***' }] });
  });

  test('a secret that is a number or a word of YAML is masked as a value', () => {
    expect(maskSecrets({ a: 1234, b: true, c: 'pin=1234', d: 12345 }, withSecrets(1234, true))).toEqual({
      a: '***',
      b: '***',
      c: 'pin=***',
      d: 12345,
    });
  });

  test('a short secret does not mask words that hold it', () => {
    expect(maskSecrets({ a: 'ab', b: 'table' }, withSecrets('ab'))).toEqual({ a: '***', b: 'table' });
  });

  test('of two secrets the longer one goes first', () => {
    expect(maskSecrets(['secret-long', 'secret'], withSecrets('secret', 'secret-long'))).toEqual(['***', '***']);
  });

  test('an empty secret masks nothing', () => {
    expect(maskSecrets(['', 'a'], withSecrets(''))).toEqual(['', 'a']);
  });
});
