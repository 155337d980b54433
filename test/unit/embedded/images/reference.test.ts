import { describe, expect, test } from 'vitest';
import { familiarName, isWellKnownBase, parseReference } from '../../../../src/embedded/images/reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('an image name', () => {
  test.each([
    ['node', 'docker.io/library/node', 'latest', 'node:latest'],
    ['me/app:1', 'docker.io/me/app', '1', 'me/app:1'],
    ['localhost/app', 'localhost/app', 'latest', 'localhost/app:latest'],
    ['localhost:5000/a/b/c:v1', 'localhost:5000/a/b/c', 'v1', 'localhost:5000/a/b/c:v1'],
    ['docker.io/library/node:20', 'docker.io/library/node', '20', 'node:20'],
    ['gcr.io/x/y__z-1', 'gcr.io/x/y__z-1', 'latest', 'gcr.io/x/y__z-1:latest'],
  ])('%s', (text, repository, tag, short) => {
    const reference = parseReference(text);
    expect(reference).toMatchObject({ repository, tag });
    expect(reference && familiarName(reference)).toBe(short);
  });

  test('may have a digest', () => expect(parseReference(`me/app@${digest}`)?.digest).toBe(digest));

  test.each(['', 'Node', 'a//b', 'a:b:c', 'a@sha256:1', '-a', 'a/-b', 'a b', 'a:'])('%j is none', (text) =>
    expect(parseReference(text)).toBeUndefined(),
  );
});

test.each([
  ['node:20', true],
  ['docker.io/library/alpine', true],
  ['me/node', false],
  ['quay.io/library/node', false],
  ['my-own', false],
])('%s is a well-known base: %s', (text, expected) => {
  const reference = parseReference(text);
  expect(reference && isWellKnownBase(reference)).toBe(expected);
});
