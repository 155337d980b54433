import { expect, test } from 'vitest';
import { fillImages, replaceImageTags } from '../../../src/deploy/image-tags.ts';

const images = [
  { image: 'localhost:5000/me/app', tag: 'abc' },
  { image: 'me/web', tag: 'def' },
];

const imageOf = (image: string) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image }] } };
  return (replaceImageTags(pod, images) as typeof pod).spec.containers[0]?.image;
};

test.each([
  ['localhost:5000/me/app', 'localhost:5000/me/app:abc'],
  ['localhost:5000/me/app:latest', 'localhost:5000/me/app:abc'],
  [`localhost:5000/me/app@sha256:${'0'.repeat(64)}`, 'localhost:5000/me/app:abc'],
  ['localhost:5000/me/app:1@sha256:00', 'localhost:5000/me/app:abc'],
  ['localhost:5000/me/app-other', 'localhost:5000/me/app-other'],
  ['localhost:5000/me/app/sub', 'localhost:5000/me/app/sub'],
  ['localhost:5001/me/app', 'localhost:5001/me/app'],
  ['me/app', 'me/app'],
  ['me/web:1', 'me/web:def'],
  ['docker.io/me/web', 'me/web:def'],
  ['index.docker.io/me/web:2', 'me/web:def'],
])('%s becomes %s', (image, expected) => {
  expect(imageOf(image)).toBe(expected);
});

test('containers are found wherever a pod is described; other texts stay', () => {
  const container = {
    name: 'c',
    image: 'me/web:1',
    command: ['me/web:1'],
    env: [{ name: 'IMAGE', value: 'me/web:1' }],
  };
  const tagged = { ...container, image: 'me/web:def' };
  const cronJob = (of: object) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'j', annotations: { image: 'me/web:1' } },
    spec: { jobTemplate: { spec: { template: { spec: { containers: [of], initContainers: [of] } } } } },
  });
  const before = cronJob(container);
  const copy = structuredClone(before);
  expect(replaceImageTags(before, images)).toEqual(cronJob(tagged));
  expect(before).toEqual(copy);
});

test('a custom resource with a field image is left alone', () => {
  const custom = {
    apiVersion: 'x/v1',
    kind: 'App',
    metadata: { name: 'a' },
    spec: { image: 'me/web:1', containers: 'me/web' },
  };
  expect(replaceImageTags(custom, images)).toEqual(custom);
});

test('the words of the configuration for an image are filled in, in every text; unknown names stay', () => {
  const images = [{ name: 'web', image: 'localhost:5000/me/web', tag: 'abc' }];
  const object = {
    image: 'image(web):tag(web)',
    whole: ['${runtime.images.web}'],
    parts: { image: '${runtime.images.web.image}', tag: 'v-${runtime.images.web.tag}' },
    other: 'image(api) ${runtime.images.api} my-image(web)',
    count: 3,
  };
  expect(fillImages(object, images)).toEqual({
    image: 'localhost:5000/me/web:abc',
    whole: ['localhost:5000/me/web:abc'],
    parts: { image: 'localhost:5000/me/web', tag: 'v-abc' },
    other: 'image(api) ${runtime.images.api} my-image(web)',
    count: 3,
  });
});
