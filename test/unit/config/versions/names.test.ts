import { describe, expect, test } from 'vitest';
import { isImageName, parseImageName } from '../../../../src/config/versions/image-name.ts';
import {
  safeCommandName,
  safeName,
  safeVariableName,
  toProjectName,
  toSafeCommandName,
  toSafeName,
} from '../../../../src/config/versions/names.ts';

describe('safe names', () => {
  test.each([
    ['My App', 'my-app'],
    ['a@b/c.d:e', 'a-b-c-d-e'],
    ['replace:0', 'replace-0'],
    ['under_score', 'underscore'],
    ['a  .. b', 'a-b'],
    ['', ''],
  ])('%s → %s', (name, expected) => {
    expect(toSafeName(name)).toBe(expected);
  });

  test('a command keeps its underscores', () => {
    expect(toSafeCommandName('Run_all Tests!')).toBe('run_all-tests');
  });

  test('a name of more than 63 characters ends with a hash of the whole', () => {
    const name = toSafeName('x'.repeat(70));
    expect(name).toMatch(/^x{55}-[0-9a-f]{7}$/);
    expect(name).toHaveLength(63);
    expect(toSafeName(`${'x'.repeat(70)}y`)).not.toBe(name);
  });

  test.each([
    ['/home/me/My Project', 'my-project'],
    ['/home/me/ab', 'devspace'],
    ['/home/me/___', 'devspace'],
    ['/home/me/app-', 'devspace'],
  ])('the project in %s is called %s', (folder, expected) => {
    expect(toProjectName(folder)).toBe(expected);
  });

  test.each([
    [safeName, ['a', 'a-b', '0'], ['', '-a', 'a-', 'A', 'a_b', 'a.b']],
    [safeCommandName, ['a_b', 'a-b'], ['_a', 'A']],
    [safeVariableName, ['A_b-C', '1'], ['A.b', '_A', 'A B']],
  ])('%s', (pattern, good, bad) => {
    expect(good.filter((name) => !pattern.test(name))).toEqual([]);
    expect(bad.filter((name) => pattern.test(name))).toEqual([]);
  });
});

describe('image names', () => {
  test.each<[string, string, string, string]>([
    ['nginx', 'nginx', '', ''],
    ['nginx:1.2', 'nginx', '1.2', ''],
    ['me/app:1', 'me/app', '1', ''],
    ['docker.io/me/app:3', 'me/app', '3', ''],
    ['docker.io/library/redis:7', 'redis', '7', ''],
    ['localhost/app', 'localhost/app', '', 'localhost'],
    ['localhost:5000/app', 'localhost:5000/app', '', 'localhost:5000'],
    ['localhost:5000/me/app:dev', 'localhost:5000/me/app', 'dev', 'localhost:5000'],
    ['r.example.com/app@sha256:abc', 'r.example.com/app', '', 'r.example.com'],
    [' gcr.io/a/b ', 'gcr.io/a/b', '', 'gcr.io'],
    ['${REGISTRY}/app:1', '${REGISTRY}/app:1', '', ''],
    ['gcr.io/${NAME}:x', 'gcr.io/${NAME}:x', '', 'gcr.io'],
    ['$(echo x)', '$(echo x)', '', ''],
  ])('%s', (image, repository, tag, registry) => {
    expect(parseImageName(image)).toEqual({ repository, tag, registry });
  });

  test.each([
    ['nginx', true],
    ['r.example.com:5000/a-b/c__d.e:v1_2', true],
    ['${ANY}/Thing', true],
    ['me/App', false],
    ['me//app', false],
    ['-app', false],
    ['app:', false],
    ['', false],
    ['a b', false],
  ])('%s is valid: %s', (image, expected) => {
    expect(isImageName(image)).toBe(expected);
  });
});
