import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import type { DockerClient } from '../../../src/docker/client.ts';
import type { Hooks } from '../../../src/workflows/hooks/hooks.ts';
import { buildAndPush } from '../../../src/workflows/images.ts';
import { createBench } from '../../helpers/bench.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { fakeDocker } from '../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const hooks: Hooks = { fire: async () => {}, around: (_moment, work) => work(), command: (_name, work) => work() };

async function runOf(more: Partial<DockerClient>) {
  const bench = await createBench();
  const engine = fakeDocker(more);
  const abort = new AbortController();
  const run = { ...bench.tools, docker: async () => engine.docker, hooks, signal: abort.signal };
  const folder = tempFolder();
  writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\n');
  const image = (name: string) => imageConfigOf(folder, { name, image: `me/${name}`, tags: ['v1'], skipPush: true });
  return { run, image, engine, abort };
}

/** Notes how many builds the engine has at the same time. */
function counting() {
  const seen = { now: 0, most: 0 };
  const build: DockerClient['build'] = async ({ context }) => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    for await (const _ of context);
    seen.now -= 1;
  };
  return { seen, build };
}

test.each([
  [undefined, 3],
  [2, 2],
  [1, 1],
])('with a limit of %s, %i of three images are built at the same time', async (atOnce, expected) => {
  const { seen, build } = counting();
  const { run, image } = await runOf({ build });
  const choice = { push: 'push', rebuild: 'when needed', atOnce } as const;
  const built = await buildAndPush({ images: ['a', 'b', 'c'].map(image), kubeChoice: {} }, choice, run);
  expect(built.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(seen.most).toBe(expected);
});

test('an image that cannot be built ends the builds of the others, and is the one that is told', async () => {
  let cancelled = 0;
  const { run, image } = await runOf({
    async build({ tags, context, signal }) {
      context.destroy();
      if (tags[0] === 'me/bad:v1') throw new UserError('BUILD_FAILED', 'The build failed at Step 2/2');
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      cancelled += 1;
      throw new Error('cancelled');
    },
  });
  const images = ['a', 'bad', 'c'].map(image);
  const error = await errorOf(buildAndPush({ images, kubeChoice: {} }, { push: 'push', rebuild: 'when needed' }, run));
  expect(error.message).toBe('The build failed at Step 2/2');
  expect(cancelled).toBe(2);
});
