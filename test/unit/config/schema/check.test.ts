import { Type } from '@sinclair/typebox';
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../../../src/config/schema/check.ts';
import {
  anything,
  choice,
  either,
  flag,
  freeMap,
  list,
  map,
  number,
  object,
  oneOf,
  text,
  textMap,
  texts,
} from '../../../../src/config/schema/fields.ts';
import { evolve, type Groups, listOf, mapOf, toSchema } from '../../../../src/config/schema/groups.ts';
import { normalize } from '../../../../src/config/schema/normalize.ts';
import { withoutEmpty } from '../../../../src/config/schema/print-shape.ts';
import { toSuggestion } from '../../../../src/config/schema/suggestion.ts';

const item = object({ name: text('n'), port: number('p') }, { required: ['name'], printed: ['port'] });

const schema = object({
  title: text('t'),
  on: flag('o'),
  maybe: choice('m'),
  limit: number('l'),
  words: texts('w'),
  labels: textMap('l'),
  items: list(item, 'i'),
  byName: map(item, 'b'),
  any: anything('a'),
  values: freeMap('v'),
  mode: oneOf(['fast', 'slow'], 'm'),
  short: either(text('s'), object({ run: text('r'), flags: texts('f') }), 's'),
});

describe('the strict check', () => {
  test.each<[string, unknown, string]>([
    ['unknown key', { titel: 'x' }, 'titel: unknown key `titel`'],
    ['list for a map', { labels: ['x'] }, 'labels: expected a map, found a list'],
    ['map for a list', { words: {} }, 'words: expected a list of strings, found a map'],
    ['string for a list', { words: 'x' }, 'words: expected a list of strings, found the string "x"'],
    ['list for a string', { title: [] }, 'title: expected a string, found a list'],
    ['number in a list of maps', { items: [5] }, 'items.0: expected a map, found the number 5'],
    ['string for a number', { limit: '5' }, 'limit: expected a whole number, found the string "5"'],
    [
      'fraction for a number',
      { limit: 1.5 },
      'limit: expected a whole number, found the number 1.5, which counts as 1',
    ],
    ['number for a Boolean', { on: 1 }, 'on: expected true or false, found the number 1'],
    ['long text', { on: 'x'.repeat(50) }, 'on: expected true or false, found a string'],
    ['word that is not allowed', { mode: 'fats' }, 'mode: `fats` is not allowed here'],
    ['missing key in a list', { items: [{ port: 1 }] }, 'items.0: the key `name` is missing'],
    ['missing key, null', { byName: { a: { name: null } } }, 'byName.a: the key `name` is missing'],
    ['neither branch', { short: ['x'] }, 'short: expected a string or a map, found a list'],
    ['the branch that fits best', { short: { run: 'x', flag: [] } }, 'short.flag: unknown key `flag`'],
    ['empty item', { items: [null] }, 'items.0: this item is empty and counts as absent'],
    ['no map at all', [], ': expected a map, found a list'],
    ['nothing in the way of the prototype', { constructor: 1 }, 'constructor: unknown key `constructor`'],
  ])('%s', (_, value, expected) => {
    expect(checkSchema(schema, value).map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([expected]);
  });

  test.each([
    ['null anywhere', { title: null, words: null, items: null, short: null, labels: { a: null } }],
    ['numbers and Booleans as strings', { title: 5, words: [true, 1], labels: { a: 1 } }],
    ['Booleans of YAML 1.1', { on: 'yes', maybe: 'off' }],
    ['anything in free places', { any: [{}], values: { a: null, b: [1] } }],
    ['both forms', { short: 'x' }],
    ['an empty word', { mode: '' }],
  ])('lets pass: %s', (_, value) => {
    expect(checkSchema(schema, value)).toEqual([]);
  });

  test('tells what is allowed and what was probably meant', () => {
    expect(checkSchema(schema, { lables: {}, limit: '80', words: 'x' })).toMatchObject([
      { at: 'key', suggestion: 'labels', allowed: expect.stringContaining('labels, items') as string },
      { at: 'value', allowed: '80 without quotes' },
      { at: 'value', allowed: 'a list: put `- ` before each value' },
    ]);
  });

  test('finds all mistakes at once', () => {
    expect(checkSchema(schema, { a: 1, b: 2, items: [{}, { name: 'x', c: 1 }] })).toHaveLength(4);
  });

  test('a schema without a type takes anything', () => {
    expect(checkSchema(Type.Unknown(), [1])).toEqual([]);
  });
});

describe('groups', () => {
  const first: Groups = {
    config: { parts: listOf('part', 'p'), old: text('o') },
    part: { name: text('n'), inner: mapOf('part', 'i') },
  };
  const second = evolve(first, {
    config: { add: { fresh: text('f') }, remove: ['old'] },
    part: { add: { size: number('s') } },
  });

  test('the next version knows the new keys and not the old ones', () => {
    expect(checkSchema(toSchema(second), { fresh: 'x', old: 'y' }).map(({ message }) => message)).toEqual([
      'unknown key `old`',
      'the key `version` is missing',
    ]);
  });

  test('groups may hold themselves', () => {
    const found = checkSchema(toSchema(second, 'part'), { inner: { a: { inner: { b: { size: 'x' } } } } });
    expect(found.map(({ path }) => path.join('.'))).toEqual(['inner.a.inner.b.size']);
  });
});

describe('normalize', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'scalars become strings',
      { title: 5, labels: { a: true, b: null } },
      { title: '5', labels: { a: 'true', b: '' } },
    ],
    ['words become Booleans', { on: 'yes', maybe: 'n' }, { on: true, maybe: false }],
    ['empty values go', { title: null, byName: { a: null, b: { name: 'x' } } }, { byName: { b: { name: 'x' } } }],
    ['empty items go', { items: [null, { name: 1 }], words: [null, 'a'] }, { items: [{ name: '1' }], words: ['a'] }],
    ['free places stay', { any: null, values: { a: null, b: 5 } }, { values: { a: null, b: 5 } }],
    ['the full form is looked into', { short: { run: 1 } }, { short: { run: '1' } }],
  ])('%s', (_, data, expected) => {
    const before = structuredClone(data);
    expect(normalize(schema, data)).toEqual(expected);
    expect(data).toEqual(before);
  });
});

describe('the shape for print', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['what is empty goes', { title: '', on: false, words: [], labels: {} }, {}],
    ['what differs from absent stays', { maybe: false, limit: 0 }, { maybe: false, limit: 0 }],
    ['maps with known keys stay', { short: {} }, { short: {} }],
    ['required and printed keys stay', { items: [{ name: '' }] }, { items: [{ name: '', port: '' }] }],
    ['free places stay', { any: '', values: { a: '', b: {} } }, { any: '', values: { a: '', b: {} } }],
  ])('%s', (_, data, expected) => {
    expect(withoutEmpty(schema, data)).toEqual(expected);
  });
});

describe('suggestions', () => {
  test.each([
    ['iamge', 'image'],
    ['Image', 'image'],
    ['imageSelecto', 'imageSelector'],
    ['lableSelector', 'labelSelector'],
    ['imag', 'image'],
    ['xyz', undefined],
    ['', undefined],
  ])('%s → %s', (name, expected) => {
    expect(toSuggestion(name, ['image', 'imageSelector', 'labelSelector'])).toBe(expected);
  });
});
