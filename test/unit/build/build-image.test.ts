import { chmodSync, cpSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildImage } from '../../../src/build/build-image.ts';
import type { ImageOrder } from '../../../src/build/build-run.ts';
import type { ImageConfig } from '../../../src/config/types.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import type { DockerClient } from '../../../src/docker/client.ts';
import { fakeDocker } from '../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const whenNeeded: ImageOrder = { push: 'push', rebuild: 'when needed' };

/** An engine with its registry, and images whose context is a folder. */
function bench(more: Partial<DockerClient> = {}) {
  const engine = fakeDocker(more);
  const log = recordingLog();
  const { signal } = new AbortController();
  const build = (folder: string, image: Partial<ImageConfig> = {}, choice = whenNeeded) =>
    buildImage(imageConfigOf(folder, image), choice, {
      docker: engine.docker,
      dockerConfigFolder: folder,
      env: process.env,
      redactor: createRedactor(),
      log,
      signal,
    });
  return { build, engine, log };
}

function contextFolder(): string {
  const folder = path.join(tempFolder(), 'web');
  writeFiles(folder, { Dockerfile: 'FROM scratch\nCOPY . /\n', 'src/a.js': 'a', '.dockerignore': 'ignored\n' });
  return folder;
}

test('what did not change is neither built nor pushed again: other times, another place, an ignored file', async () => {
  const { build, engine, log } = bench();
  const folder = contextFolder();
  const first = await build(folder);
  utimesSync(path.join(folder, 'src/a.js'), 1, 1);
  writeFiles(folder, { ignored: 'anything' });
  const elsewhere = path.join(tempFolder(), 'elsewhere');
  cpSync(folder, elsewhere, { recursive: true });
  expect(await build(folder)).toEqual(first);
  expect(await build(elsewhere)).toEqual(first);
  expect(engine.builds).toHaveLength(1);
  expect(engine.pushes).toHaveLength(1);
  expect(log.lines).toContain(
    `info build web: Not built: nothing changed, and the engine has localhost:5000/me/web:${first.tag}`,
  );
  expect(log.lines).toContain(`info build web: Not pushed: the registry has localhost:5000/me/web:${first.tag}`);
});

test.each<[string, (folder: string) => Partial<ImageConfig>]>([
  ['one byte', (folder) => (writeFiles(folder, { 'src/a.js': 'b' }), {})],
  ['a mode', (folder) => (chmodSync(path.join(folder, 'src/a.js'), 0o755), {})],
  ['a name', (folder) => (writeFiles(folder, { 'src/b.js': '' }), {})],
  ['the Dockerfile', (folder) => (writeFiles(folder, { Dockerfile: 'FROM scratch\nCOPY src /\n' }), {})],
  ['an argument', () => ({ buildArgs: { MODE: 'fast' } })],
  ['the stage', () => ({ target: 'dev' })],
  ['the override', () => ({ entrypoint: ['sleep', '9'] })],
])('%s more is one build more', async (_what, change) => {
  const { build, engine } = bench();
  const folder = contextFolder();
  const first = await build(folder);
  const changed = change(folder);
  const second = await build(folder, changed);
  expect(second.tag).not.toBe(first.tag);
  expect(await build(folder, changed)).toEqual(second);
  expect(engine.builds).toHaveLength(2);
});

test('an image that was deleted behind our back is built again', async () => {
  const { build, engine } = bench({ hasImage: async () => false });
  const folder = contextFolder();
  await build(folder);
  await build(folder);
  expect(engine.builds).toHaveLength(2);
});

test('a registry that lost the image, or does not tell, gets it again without a build', async () => {
  const { build, engine } = bench({ isPushed: async () => false });
  const folder = contextFolder();
  await build(folder);
  await build(folder);
  expect(engine.builds).toHaveLength(1);
  expect(engine.pushes).toHaveLength(2);
});

test('a build that failed or was cancelled leaves nothing that a later one would trust', async () => {
  let fails = true;
  const { build, engine } = bench({
    async build(request) {
      for await (const _ of request.context);
      if (fails) throw new Error('cancelled');
      built.push(request.tags[0] ?? '');
    },
    hasImage: async (name) => built.includes(name),
  });
  const built: string[] = [];
  const folder = contextFolder();
  await expect(build(folder)).rejects.toThrow('cancelled');
  fails = false;
  await build(folder);
  expect(built).toHaveLength(1);
  expect(engine.pushes).toHaveLength(1);
});

test.each<[string, Partial<ImageConfig>, ImageOrder, string]>([
  ['the flag asks for it', {}, { push: 'push', rebuild: 'always' }, 'as you asked'],
  ['the configuration asks for it', { rebuildStrategy: 'always' }, whenNeeded, 'its rebuildStrategy is always'],
  ['its tag is fixed', { tags: ['v1'] }, whenNeeded, 'its tag does not tell what is in it'],
])('an unchanged image is built again if %s', async (_why, image, choice, reason) => {
  const { build, engine, log } = bench();
  const folder = contextFolder();
  await build(folder, image, choice);
  await build(folder, image, choice);
  expect(engine.builds).toHaveLength(2);
  expect(log.lines.filter((line) => line.endsWith(reason))).toHaveLength(2);
});

test('with ignoreContextChanges only the Dockerfile and the options count; a forced build is pushed again', async () => {
  const { build, engine, log } = bench();
  const folder = contextFolder();
  const image = { rebuildStrategy: 'ignoreContextChanges' } as const;
  const first = await build(folder, image);
  writeFiles(folder, { 'src/a.js': 'another' });
  expect(await build(folder, image)).toEqual(first);
  expect([engine.builds, engine.pushes].map(({ length }) => length)).toEqual([1, 1]);
  expect(log.lines).toContain(
    `info build web: Not built: its Dockerfile did not change, and the engine has localhost:5000/me/web:${first.tag}`,
  );
  expect(await build(folder, image, { push: 'push', rebuild: 'always' })).toEqual(first);
  expect([engine.builds, engine.pushes].map(({ length }) => length)).toEqual([2, 2]);
  writeFiles(folder, { Dockerfile: 'FROM scratch\nCOPY src /\n' });
  expect((await build(folder, image)).tag).not.toBe(first.tag);
});

test('each # of a tag is a letter of its own in each build, the same for all pushes of it', async () => {
  const { build, engine } = bench();
  const folder = contextFolder();
  const tags = [
    (await build(folder, { tags: ['dev-####', 'x'] })).tag,
    (await build(folder, { tags: ['dev-####'] })).tag,
  ];
  expect(tags[0]).toMatch(/^dev-[a-z]{4}$/);
  expect(tags[1]).toMatch(/^dev-[a-z]{4}$/);
  expect(new Set(tags).size).toBe(2);
  expect(engine.builds[0]?.tags).toEqual([`localhost:5000/me/web:${tags[0]}`, 'localhost:5000/me/web:x']);
  expect(engine.pushes.map(({ tag }) => tag)).toEqual([tags[0], 'x', tags[1]]);
});
