import path from 'node:path';
import { expect, test } from 'vitest';
import { type OwnRepository, ownRepositories, selectStaleImages } from '../../../src/build/select-stale-images.ts';
import type { EngineImage } from '../../../src/docker/client.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const [old, current, next] = ['0123456789abcdef', 'fedcba9876543210', 'aaaaaaaaaaaaaaaa'];

let createdMs = 0;
const image = (tags: string[], digests: string[] = []): EngineImage => ({
  id: `sha256:${(createdMs += 1)}`,
  tags,
  digests,
  createdMs,
});

const select = (there: EngineImage[], own: OwnRepository[], scope: 'outdated' | 'all' = 'outdated') =>
  selectStaleImages(there, own, scope);

test('tags of earlier content go; the current ones, those of others and other repositories stay', () => {
  const there = [
    image([`me/web:${old}`, 'me/web:release']),
    image([`me/web:${current}`, `me/web:${next}`]),
    image([`me/api:${old}`, `localhost:5000/me/web:${old}`]),
    image(['node:20']),
  ];
  expect(select(there, [{ image: 'docker.io/me/web', keep: [current, next] }])).toEqual([`me/web:${old}`]);
});

test('with all of it every tag goes, but only of these repositories', () => {
  const there = [image(['me/web:release', `me/web:${current}`]), image(['me/web-2:1', 'node:20'])];
  const own = [{ image: 'me/web', keep: [current] }];
  expect(select(there, own, 'all')).toEqual(['me/web:release', `me/web:${current}`]);
});

test('an image that lost its tag goes if its digest says that it is ours', () => {
  const there = [image([], ['me/web@sha256:1']), image([], ['node@sha256:2']), image([])];
  expect(select(there, [{ image: 'me/web', keep: ['dev'] }])).toEqual([there[0]?.id]);
});

test('of random tags the newest stays', () => {
  const there = [image(['me/web:dev-aa']), image(['me/web:dev-bb']), image(['me/web:dev-x1', 'me/web:prod'])];
  expect(select(there, [{ image: 'me/web', keep: [], random: /^dev-[a-z]{2}$/ }])).toEqual(['me/web:dev-aa']);
});

test('two images of one repository keep the tags of both', () => {
  const there = [image([`me/web:${current}`]), image([`me/web:${next}`]), image([`me/web:${old}`])];
  const own = [
    { image: 'me/web', keep: [current] },
    { image: 'index.docker.io/me/web', keep: [next] },
  ];
  expect(select(there, own)).toEqual([`me/web:${old}`]);
});

test('what is current follows from the files, with and without the override of dev, or from the configuration', () => {
  const folder = tempFolder();
  writeFiles(folder, { Dockerfile: 'FROM scratch\n' });
  const web = imageConfigOf(folder, { image: 'me/web' });
  const custom = {
    folder,
    command: 'build',
    commands: [],
    args: [],
    appendArgs: [],
    imageArg: 'none',
    onChange: [],
  } as const;
  const images = [web, { ...web, tags: ['v1', 'v2'] }, { ...web, tags: ['d.v-##'] }, { ...web, custom }];
  const [first, fixed, random, made] = ownRepositories(images, [{ name: 'web', entrypoint: ['sleep', '1'] }]);
  expect(new Set(first?.keep).size).toBe(2);
  expect(fixed).toEqual({ image: 'me/web', keep: ['v1', 'v2'] });
  expect([random?.random?.test('d.v-ab'), random?.random?.test('dxv-ab')]).toEqual([true, false]);
  expect(made?.random?.test('abcdefg')).toBe(true);
  expect(() => ownRepositories([{ ...web, dockerfile: path.join(folder, 'gone') }], [])).toThrow('cannot be read');
});
