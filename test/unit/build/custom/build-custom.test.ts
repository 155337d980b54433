import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildImage } from '../../../../src/build/build-image.ts';
import type { ImageOrder } from '../../../../src/build/build-run.ts';
import { expectedImage } from '../../../../src/build/expected-image.ts';
import type { CustomBuild, ImageConfig } from '../../../../src/config/types.ts';
import { UserError } from '../../../../src/core/errors.ts';
import { createRedactor } from '../../../../src/core/redact.ts';
import type { DockerClient } from '../../../../src/docker/client.ts';
import { errorOf, thrownBy, userErrorOf } from '../../../helpers/error-of.ts';
import { fakeDocker } from '../../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../../helpers/image-config.ts';
import { recordingLog } from '../../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

const whenNeeded: ImageOrder = { push: 'push', rebuild: 'when needed' };

/** A project whose command notes in `runs` what it got. There is no Dockerfile. */
function bench(custom: Partial<CustomBuild>, more: Partial<DockerClient> = {}) {
  const folder = tempFolder();
  writeFiles(folder, { 'main.go': 'one' });
  const image = (changes: Partial<ImageConfig> = {}): ImageConfig =>
    imageConfigOf(folder, {
      custom: { folder, commands: [], args: [], appendArgs: [], imageArg: 'none', onChange: [], ...custom },
      ...changes,
    });
  const engine = fakeDocker(more);
  const log = recordingLog();
  const abort = new AbortController();
  const build = (changes: Partial<ImageConfig> = {}, choice = whenNeeded) =>
    buildImage(image(changes), choice, {
      docker: engine.docker,
      dockerConfigFolder: folder,
      env: process.env,
      redactor: createRedactor(),
      log,
      signal: abort.signal,
    });
  const runs = () => readFileSync(path.join(folder, 'runs'), 'utf8').trim().split('\n');
  return { build, image, runs, folder, engine, log, abort };
}

test('the command runs in the project and gets the image; the engine neither builds nor pushes', async () => {
  const { build, runs, engine, log } = bench({
    command: 'sh',
    args: ['-c', 'echo "$2" >> runs; echo said; echo warned >&2', 'sh', '--image'],
    imageArg: 'image',
  });
  const built = await build({ tags: ['v1', 'v2'] });
  expect(built).toEqual({ name: 'web', image: 'localhost:5000/me/web', tag: 'v1' });
  expect(runs()).toEqual(['localhost:5000/me/web:v1']);
  expect([engine.builds, engine.pushes]).toEqual([[], []]);
  expect(log.lines).toContain('info build web: said');
  expect(log.lines).toContain('info build web: warned');
});

test('without onChange it always runs, with a new tag each time, so that pods get the new image', async () => {
  const { build, runs, image } = bench({ command: 'echo ${runtime.images.web.tag} >> runs' });
  const tags = [(await build()).tag, (await build()).tag];
  expect(runs()).toEqual(tags);
  expect(tags[0]).not.toBe(tags[1]);
  expect(tags[0]).toMatch(/^[a-z]{7}$/);
  expect(thrownBy(() => expectedImage(image())).code).toBe('BUILD_FILE');
});

test('with onChange it runs once for each content, wherever the image then is', async () => {
  const there = new Set<string>();
  const { build, runs, folder, image } = bench(
    { command: 'echo run >> runs', onChange: ['*.go'] },
    { hasImage: async () => false, isPushed: async (name) => there.has(name) },
  );
  const first = await build();
  there.add(`${first.image}:${first.tag}`);
  expect(await build()).toEqual(first);
  expect(expectedImage(image())).toEqual(first);
  expect(runs()).toHaveLength(1);
  writeFiles(folder, { 'main.go': 'two', other: 'not watched' });
  expect((await build()).tag).not.toBe(first.tag);
  expect(runs()).toHaveLength(2);
  await build({}, { push: 'push', rebuild: 'always' });
  expect(runs()).toHaveLength(3);
});

test('it works without an engine', async () => {
  const { build, runs } = bench(
    { command: 'echo run >> runs', onChange: ['*.go'] },
    {
      hasImage: async () => {
        throw new UserError('DOCKER_UNREACHABLE', 'No Docker Engine answers.');
      },
    },
  );
  await build();
  expect(runs()).toHaveLength(1);
});

test('a command that fails is an error with its exit code, after its output', async () => {
  const { build, log } = bench({ command: 'echo broken >&2; exit 7' });
  const error = await userErrorOf(build());
  expect(error.code).toBe('BUILD_FAILED');
  expect(error.message).toBe('The command that builds image web ended with exit code 7.');
  expect(log.lines).toContain('info build web: broken');
});

test('a program that is not installed is named', async () => {
  const { build } = bench({ command: 'no-such-builder', imageArg: 'image' });
  const error = await userErrorOf(build());
  expect(error.code).toBe('COMMAND_START');
  expect(error.message).toContain('no-such-builder');
});

test('a cancelled build ends the command with what it has started', async () => {
  const { build, folder, abort } = bench({ command: 'sleep 600 & echo $! > child; wait' });
  const building = errorOf(build());
  const child = await waitFor(() => {
    const pid = Number(readFileSync(path.join(folder, 'child'), 'utf8'));
    if (!(pid > 0)) throw new Error('not started');
    return pid;
  });
  abort.abort(new Error('cancelled'));
  expect((await building).message).toBe('cancelled');
  await waitFor(() => {
    if (existsSync(`/proc/${child}`)) throw new Error('it still runs');
  });
});

test('a daemon that the command starts holds up nothing and is left alone', async () => {
  const { build, folder, log } = bench({ command: 'sleep 600 & echo $! > daemon; echo built' });
  await build();
  expect(log.lines).toContain('info build web: built');
  const daemon = Number(readFileSync(path.join(folder, 'daemon'), 'utf8'));
  expect(process.kill(daemon, 'SIGKILL')).toBe(true);
});
