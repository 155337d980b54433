import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildImage } from '../../../../src/build/build-image.ts';
import type { CliBuild, ImageConfig } from '../../../../src/config/types.ts';
import { createRedactor } from '../../../../src/core/redact.ts';
import { errorOf, userErrorOf } from '../../../helpers/error-of.ts';
import { fakeDocker } from '../../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../../helpers/image-config.ts';
import { recordingLog } from '../../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

const cli: CliBuild = { kind: 'docker', command: ['docker'], args: ['--label', 'a=b'], buildKit: false };

/** A project, and a `docker` program that notes what it gets beside it. */
function bench(script: string) {
  const root = tempFolder();
  const [folder, bin] = [path.join(root, 'web'), path.join(root, 'bin')];
  writeFiles(folder, { Dockerfile: 'FROM scratch\nCOPY . /\n', 'a.txt': 'a' });
  writeFiles(bin, { docker: `#!/bin/sh\ncd ${root}\n${script}\n` });
  chmodSync(path.join(bin, 'docker'), 0o755);
  const image = imageConfigOf(folder, { tags: ['v1'], buildArgs: { TOKEN: 'secret-value' }, cli });
  const engine = fakeDocker({ address: { host: 'tcp://127.0.0.1:1' } });
  const log = recordingLog();
  const abort = new AbortController();
  const run = {
    docker: engine.docker,
    dockerConfigFolder: folder,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    redactor: createRedactor(),
    log,
    signal: abort.signal,
  };
  const build = (more: Partial<ImageConfig> = {}) =>
    buildImage({ ...image, ...more }, { push: 'push', rebuild: 'when needed' }, run);
  const noted = (name: string) => readFileSync(path.join(root, name), 'utf8').trim();
  return { build, noted, root, engine, log, abort };
}

const note = 'echo "$@" > args; echo "$DOCKER_HOST $TOKEN" > env; tar -t > files; echo "Step 1/2 : FROM scratch"';

test('the program gets the context on stdin and talks to the engine of the run; we push', async () => {
  const { build, noted, engine, log } = bench(note);
  await build();
  expect(noted('args')).toBe('build --tag localhost:5000/me/web:v1 --file Dockerfile --build-arg TOKEN --label a=b -');
  expect(noted('env')).toBe('tcp://127.0.0.1:1 secret-value');
  expect(noted('files').split('\n')).toEqual(['Dockerfile', 'a.txt']);
  expect(engine.builds).toEqual([]);
  expect(engine.pushes.map(({ tag }) => tag)).toEqual(['v1']);
  expect(log.lines).toContain(
    'info build web: Building localhost:5000/me/web:v1 with docker: its tag does not tell what is in it',
  );
});

test('what the program pushes itself is not pushed again', async () => {
  const { build, engine } = bench(note);
  await build({ cli: { ...cli, kind: 'buildx', args: ['--push'] } });
  expect(engine.pushes).toEqual([]);
});

test('its options belong to the content: other options are another image', async () => {
  const { build } = bench(note);
  const first = await build({ tags: [] });
  expect((await build({ tags: [], cli: { ...cli, args: ['--label', 'a=c'] } })).tag).not.toBe(first.tag);
  expect((await build({ tags: [] })).tag).toBe(first.tag);
});

test('a failure tells its last lines, and nothing is pushed', async () => {
  const { build, engine } = bench(
    'cat > /dev/null; echo "Step 2/2 : RUN false" >&2; echo "returned code 1" >&2; exit 3',
  );
  const error = await userErrorOf(build());
  expect(error.code).toBe('BUILD_FAILED');
  expect(error.message).toBe(
    'docker build of image web ended with exit code 3:\n  Step 2/2 : RUN false\n  returned code 1',
  );
  expect(engine.pushes).toEqual([]);
});

test('a program that ends before it has read all is not waited for', async () => {
  const { build } = bench('echo no; exit 1');
  const big = { context: tempFolder() };
  writeFiles(big.context, { big: Buffer.alloc(4 * 1024 * 1024) });
  expect((await userErrorOf(build(big))).code).toBe('BUILD_FAILED');
});

test('a cancelled build ends the program', async () => {
  const { build, abort, root } = bench('trap "touch ended; exit 1" TERM; touch started; while :; do sleep 0.05; done');
  const failure = errorOf(build());
  await waitFor(() => readFileSync(path.join(root, 'started')));
  abort.abort(new Error('cancelled'));
  expect((await failure).message).toBe('cancelled');
  expect(existsSync(path.join(root, 'ended'))).toBe(true);
});
