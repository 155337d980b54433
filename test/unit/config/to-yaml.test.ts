import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from '../../../src/config/to-yaml.ts';

describe('toYaml', () => {
  test.each([['yes'], ['0644'], ['1e3'], ['12:30'], ['~'], ['true'], [''], ['a: b'], ['- x'], ['# no']])(
    'the text %j stays a text for parsers of both versions',
    (text) => {
      const yaml = toYaml({ key: text });
      expect(parse(yaml, { version: '1.1' })).toEqual({ key: text });
      expect(parse(yaml, { version: '1.2' })).toEqual({ key: text });
      expect(load(yaml)).toEqual({ key: text });
    },
  );

  test('long lines stay whole and nothing becomes an alias', () => {
    const shared = { command: 'x '.repeat(200).trim() };
    const yaml = toYaml({ a: shared, b: shared });
    expect(yaml.split('\n')).toHaveLength(5);
    expect(yaml).not.toMatch(/[&*]/);
  });

  test.each(['8080:80', '1:2', '22:22:22', '+1:59'])('the port mapping %s is quoted', (text) => {
    expect(toYaml({ [text]: [text] })).toBe(`"${text}":\n  - "${text}"\n`);
    expect(toYaml([text], { collectionStyle: 'flow' })).toBe(`[ "${text}" ]\n`);
  });

  test.each(['127.0.0.1:80', 'redis:6', '8080:web', '8080:'])('%s stays as it is', (text) => {
    expect(parse(toYaml({ key: text }))).toEqual({ key: text });
    if (!text.endsWith(':')) expect(toYaml({ key: text })).toBe(`key: ${text}\n`);
  });
});
