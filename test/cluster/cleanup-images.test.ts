import path from 'node:path';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { writeFiles } from '../helpers/temp-folder.ts';
import { devspace } from './support/devspace.ts';
import { makeProject } from './support/project.ts';

const project = await makeProject('cleanup');
const run = async (...args: string[]) => {
  const { code, stdout, stderr } = await devspace(args, { cwd: project.folder });
  if (code !== 0) throw new Error(stderr);
  return stdout;
};
const built = async (): Promise<string> => {
  const { images } = JSON.parse(await run('build', '--skip-push', '--output', 'json')) as { images: { tag: string }[] };
  return images[0]?.tag ?? '';
};
const tags = async (): Promise<string[]> => {
  const images = await new Docker().listImages();
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name.startsWith(`${project.image}:`));
};

test('what earlier builds left goes, the current image and a tag made by hand stay; with --all everything goes', async () => {
  writeFiles(project.folder, { Dockerfile: 'FROM busybox:1\nCOPY value /value\n', value: 'one' });
  const first = await built();
  writeFiles(project.folder, { value: 'two' });
  const second = await built();
  await new Docker().getImage(`${project.image}:${first}`).tag({ repo: project.image, tag: 'mine' });

  const report = JSON.parse(await run('cleanup', 'images', '--output', 'json')) as unknown;
  expect(report).toEqual({ deleted: [`${project.image}:${first}`], inUse: [] });
  expect((await tags()).sort()).toEqual([`${project.image}:${second}`, `${project.image}:mine`].sort());
  expect(JSON.parse(await run('cleanup', 'images', '--output', 'json'))).toEqual({ deleted: [], inUse: [] });

  await run('cleanup', 'images', '--all');
  expect(await tags()).toEqual([]);
});

test('without an engine nothing is deleted, and that is told', async () => {
  const env = { DOCKER_HOST: `unix://${path.join(project.folder, 'no.sock')}` };
  const { code, stdout, stderr } = await devspace(['cleanup', 'images'], { cwd: project.folder, env });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('[DOCKER_UNREACHABLE]');
});
