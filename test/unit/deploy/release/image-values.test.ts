import { describe, expect, test } from 'vitest';
import { changedValues, tagImageValues } from '../../../../src/deploy/release/image-values.ts';

const images = [
  { image: 'localhost:5000/me/web', tag: 't1' },
  { image: 'me/api', tag: 't2' },
  { image: 'plain', tag: 't3' },
];
const tagged = (values: Record<string, unknown>) => tagImageValues(values, images);

describe('images in values', () => {
  test('every text that names an image of ours gets its tag, wherever it is', () => {
    expect(
      tagged({
        web: { deep: [{ any: 'localhost:5000/me/web' }, 'localhost:5000/me/web:old'] },
        api: 'docker.io/me/api@sha256:0000',
        other: 'localhost:5000/me/web-two',
        count: 3,
        nothing: null,
      }),
    ).toEqual({
      web: { deep: [{ any: 'localhost:5000/me/web:t1' }, 'localhost:5000/me/web:t1'] },
      api: 'me/api:t2',
      other: 'localhost:5000/me/web-two',
      count: 3,
      nothing: null,
    });
  });

  test('a tag with a key of its own goes there', () => {
    expect(
      tagged({
        web: { repository: 'localhost:5000/me/web', tag: 'x', pullPolicy: 'Always' },
        api: { registry: 'docker.io', repository: 'me/api', tag: null },
        alone: { repository: 'me/api' },
        foreign: { repository: 'nginx', tag: '1' },
      }),
    ).toEqual({
      web: { repository: 'localhost:5000/me/web', tag: 't1', pullPolicy: 'Always' },
      api: { registry: 'docker.io', repository: 'me/api', tag: 't2' },
      alone: { repository: 'me/api:t2' },
      foreign: { repository: 'nginx', tag: '1' },
    });
  });

  test('a name that could be any word counts only where an image is meant', () => {
    expect(tagged({ name: 'plain', image: 'plain', sideImage: 'plain', args: ['plain:1', 'plain'] })).toEqual({
      name: 'plain',
      image: 'plain:t3',
      sideImage: 'plain:t3',
      args: ['plain:t3', 'plain'],
    });
  });
});

test('only what changed is repeated, of lists the whole', () => {
  const below = { a: 1, b: { c: 2, d: [1, 2] }, e: { f: 3 } };
  expect(changedValues(below, { a: 1, b: { c: 2, d: [1, 3] }, e: { f: 3 } })).toEqual({ b: { d: [1, 3] } });
  expect(changedValues(below, below)).toEqual({});
});
