import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EngineBench, openEngineBench } from '../../../helpers/engine-bench.ts';
import { expectFailure } from '../../../helpers/expect-failure.ts';
import { runCli, startCli } from '../../../helpers/run-cli.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

const asset = randomBytes(3_000_000);
const buildPath = /^\/build$/;
const pushPath = /\/push$/;

let bench: EngineBench;
let cwd: string;
let image: string;
beforeAll(async () => {
  bench = await openEngineBench();
});
afterAll(() => bench.close());

/** A project whose image is not built yet; what it is built from does not fit into one piece of a connection. */
beforeEach(() => {
  cwd = tempFolder();
  image = `localhost:5000/faults/${randomBytes(4).toString('hex')}`;
  writeFiles(cwd, {
    'devspace.yaml': `version: v1beta11\nimages:\n  app: { image: ${image} }\n`,
    Dockerfile: `FROM node:20\nWORKDIR /app\nCOPY . .\nRUN echo ${randomBytes(8).toString('hex')} > made\n`,
    'asset.bin': asset,
  });
});
afterEach(async () => {
  bench.faults.clear();
  // no build goes on in the engine, and none has left its files
  const builds = path.join(bench.folder, 'builds');
  await waitFor(() => expect(existsSync(builds) ? readdirSync(builds) : []).toEqual([]));
});

const env = () => ({ DOCKER_HOST: bench.engine.host() });
const build = () => runCli(['build'], { cwd, env: env() });
const isOurs = (name: string) => name.startsWith(image);
const tags = () =>
  bench.store
    .list()
    .flatMap(({ id }) => bench.store.tagsOf(id))
    .filter(isOurs);
const digests = () =>
  bench.store
    .list()
    .flatMap(({ id }) => bench.store.digestsOf(id))
    .filter(isOurs);

/** What a fault broke is as if it had never been tried: the next run does all of it. */
async function expectNextRunWorks(): Promise<void> {
  bench.faults.clear();
  const { code, stderr } = await build();
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Pushed localhost|Not pushed: the registry has/);
  expect(tags()).toHaveLength(1);
  expect(digests()).toHaveLength(1);
}

describe('a build', () => {
  test.each([
    [
      'is refused',
      { kind: 'fail', code: 500 } as const,
      /The Docker Engine refused: injected failure 500/,
      'BUILD_FAILED',
    ],
    [
      'loses its connection at once',
      { kind: 'fail', code: 0 } as const,
      /No Docker Engine answers unix:/,
      'DOCKER_UNREACHABLE',
    ],
    [
      'is cut while its files go up',
      { kind: 'cut', afterBytes: 1_000_000, direction: 'received' } as const,
      /No Docker Engine answers unix:/,
      'DOCKER_UNREACHABLE',
    ],
    [
      'is cut in the middle of its steps',
      { kind: 'cut', afterBytes: 400, direction: 'sent' } as const,
      /The connection to the Docker Engine broke/,
      'DOCKER_UNREACHABLE',
    ],
    [
      'ends early in good order',
      { kind: 'truncate', afterBytes: 400 } as const,
      /The connection to the Docker Engine broke/,
      'DOCKER_UNREACHABLE',
    ],
  ])('that %s says so, leaves no image and is done again', async (_name, fault, words, errorCode) => {
    bench.faults.add({ ...fault, path: buildPath });
    expectFailure(await build(), errorCode, words);
    expect(tags()).toEqual([]);
    await expectNextRunWorks();
  });

  test('that comes to nothing any more ends with Ctrl-C', async () => {
    bench.faults.add({ kind: 'black-hole', afterBytes: 400, path: buildPath });
    const { child, result } = startCli(['build'], { cwd, env: env() });
    await waitFor(() => expect(readdirSync(path.join(bench.folder, 'builds'))).toHaveLength(1));
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    // the engine, which waits for the rest, learns it only when its side breaks
    expect(bench.faults.strike({ kind: 'cut', afterBytes: 0, direction: 'sent', path: buildPath })).toBe(1);
    await expectNextRunWorks();
  });

  test('that is only late works', async () => {
    bench.faults.add({ kind: 'delay', ms: 300, path: buildPath });
    bench.faults.add({ kind: 'slow', ms: 20, path: buildPath });
    const begin = Date.now();
    await expectNextRunWorks();
    expect(Date.now() - begin).toBeGreaterThanOrEqual(295);
  });
});

describe('a push', () => {
  test.each([
    ['loses its connection at once', { kind: 'fail', code: 0 } as const, /No Docker Engine answers unix:/],
    [
      'is cut in the middle',
      { kind: 'cut', afterBytes: 320, direction: 'sent' } as const,
      /The connection to the Docker Engine broke/,
    ],
    [
      'ends early in good order',
      { kind: 'truncate', afterBytes: 320 } as const,
      /The connection to the Docker Engine broke/,
    ],
  ])('that %s says so, keeps the image and is done again', async (_name, fault, words) => {
    bench.faults.add({ ...fault, path: pushPath });
    expectFailure(await build(), 'DOCKER_UNREACHABLE', words);
    expect(tags()).toHaveLength(1);
    await expectNextRunWorks();
  });

  test('that is refused for good names the image', async () => {
    bench.faults.add({ kind: 'fail', code: 403, path: pushPath });
    const result = await build();
    expectFailure(
      result,
      'PUSH_FAILED',
      /The push of localhost:5000\/faults\/\w+:\S+ was refused: .*injected failure 403/,
    );
    expect(digests()).toEqual([]);
    await expectNextRunWorks();
  });

  test('of the second image fails, and the first stays pushed', async () => {
    writeFiles(cwd, {
      'devspace.yaml': `version: v1beta11\nimages:\n  app: { image: ${image} }\n  other: { image: ${image}-2 }\n`,
    });
    bench.faults.add({ kind: 'fail', code: 0, path: pushPath, from: 2, times: 1 });
    const result = await runCli(['build', '--build-sequential'], { cwd, env: env() });
    expectFailure(result, 'DOCKER_UNREACHABLE', /No Docker Engine answers unix:/);
    expect(tags()).toHaveLength(2);
    expect(digests()).toHaveLength(1);
  });
});
