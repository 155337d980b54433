import { expect, test } from 'vitest';
import { buildImage } from '../../../src/build/build-image.ts';
import { expectedImage } from '../../../src/build/expected-image.ts';
import type { ImageConfig } from '../../../src/config/types.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { thrownBy } from '../../helpers/error-of.ts';
import { fakeDocker } from '../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const imageIn = (folder: string, more: Partial<ImageConfig>): ImageConfig =>
  imageConfigOf(folder, { image: 'me/web', skipPush: true, ...more });

test.each<[string, Partial<ImageConfig>]>([
  ['content', { buildArgs: { A: 'b' }, target: 'dev', entrypoint: ['sleep'] }],
  ['Dockerfile alone', { rebuildStrategy: 'ignoreContextChanges', network: 'host' }],
  ['fixed tag', { tags: ['v1', 'v2'] }],
])('without a build the tag is the one that a build gives: %s', async (_what, more) => {
  const folder = tempFolder();
  writeFiles(folder, { Dockerfile: 'FROM scratch AS dev\nCOPY . /\n', 'a.txt': 'a' });
  const image = imageIn(folder, more);
  const { docker } = fakeDocker();
  const run = { docker, dockerConfigFolder: folder, env: {}, redactor: createRedactor(), log: recordingLog() };
  const { signal } = new AbortController();
  const choice = { push: 'push', rebuild: 'when needed' } as const;
  expect(expectedImage(image)).toEqual(await buildImage(image, choice, { ...run, signal }));
});

test('the letters of a random tag are not guessed', () => {
  const error = thrownBy(() => expectedImage(imageIn(tempFolder(), { tags: ['dev-###'] })));
  expect(error).toMatchObject({ code: 'BUILD_FILE', message: expect.stringContaining('dev-###') });
});
