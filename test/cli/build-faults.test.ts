import { cpSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectFailure } from '../helpers/expect-failure.ts';
import { startCli } from '../helpers/run-cli.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';

type Act = (response: ServerResponse, request: IncomingMessage) => void;

interface Faults {
  /** In place of a build that works. */
  build?: Act;
  push?: Act;
}

const image = 'localhost:5000/me/app';
const say = (...messages: object[]) => messages.map((message) => `${JSON.stringify(message)}\n`).join('');

/** An engine of which everything works but what the faults say, and a project for it. */
async function bench(files: Readonly<Record<string, string>> = {}, more = '') {
  const folder = tempFolder();
  const cwd = path.join(folder, 'app');
  writeFiles(cwd, {
    'devspace.yaml': `version: v1beta2\nimages:\n  app: { image: ${image}${more} }\n`,
    Dockerfile: 'FROM scratch\nCOPY . /\n',
    'a.txt': 'a',
    ...files,
  });
  const before = readdirSync(cwd);
  const socket = path.join(folder, 'docker.sock');
  const [images, pushed, faults] = [new Set<string>(), new Set<string>(), {} as Faults];
  let [builds, bytes] = [0, 0];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    const known = (names: Set<string>, name: string) =>
      names.has(name) ? response.end('{}') : response.writeHead(404).end('{"message":"No such image"}');
    const [, inspected] = /^\/images\/(.+)\/json$/.exec(pathname) ?? [];
    const [, distributed] = /^\/distribution\/(.+)\/json$/.exec(pathname) ?? [];
    if (pathname === '/build') {
      builds += 1;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => {
        if (faults.build) return faults.build(response, request);
        images.add(searchParams.get('t') ?? '');
        response.end(say({ stream: 'Successfully built' }));
      });
    } else if (pathname.endsWith('/push')) {
      if (faults.push) return faults.push(response, request);
      pushed.add(`${image}:${searchParams.get('tag')}`);
      response.end(say({ status: 'Pushed' }));
    } else if (inspected) known(images, inspected);
    else if (distributed) known(pushed, distributed);
    else response.end('OK');
  });
  // while a large context is read, connections that idle die
  server.keepAliveTimeout = 1;
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const start = (at = cwd) =>
    startCli(['build'], { cwd: at, env: { HOME: path.join(folder, 'home'), DOCKER_HOST: `unix://${socket}` } });
  return {
    ...{ cwd, folder, images, pushed, faults, socket, start },
    build: (at = cwd) => start(at).result,
    builds: () => builds,
    bytes: () => bytes,
    /** What it has left beside the files of the project and what it knows of their bytes. */
    left: () => readdirSync(cwd).filter((name) => !before.includes(name) && name !== '.devspace'),
  };
}

/** A later run trusts nothing of one that failed. */
async function expectFreshBuild({ faults, build, builds, images, pushed, left }: Awaited<ReturnType<typeof bench>>) {
  delete faults.build;
  delete faults.push;
  const before = builds();
  const { code, stderr } = await build();
  expect(code, stderr).toBe(0);
  expect(builds()).toBe(before + 1);
  expect([images.size, pushed.size]).toEqual([1, 1]);
  expect(left()).toEqual([]);
}

describe('B01 the engine', () => {
  test('is stopped', async () => {
    const { cwd } = await bench();
    const env = { HOME: path.join(cwd, '..', 'home'), DOCKER_HOST: 'unix:///no/such/docker.sock' };
    const result = await startCli(['build'], { cwd, env }).result;
    expectFailure(result, 'DOCKER_UNREACHABLE', /No Docker Engine answers unix:\/\/\/no\/such\/docker\.sock/);
  });

  test('stops in the middle of the build', async () => {
    const all = await bench();
    all.faults.build = (response, { socket }) => response.write(say({ stream: 'Step 1/2' }), () => socket.destroy());
    expectFailure(await all.build(), 'DOCKER_UNREACHABLE', /connection to the Docker Engine broke/);
    await expectFreshBuild(all);
  });

  test('has no room left', async () => {
    const all = await bench();
    all.faults.build = (response) =>
      response.end(say({ stream: 'Step 2/2 : COPY . /' }, { error: 'write /a.txt: no space left on device' }));
    expectFailure(
      await all.build(),
      'BUILD_FAILED',
      /COPY \. \/: write \/a\.txt: no space left on device[^]*cleanup images/,
    );
    await expectFreshBuild(all);
  });
});

describe('B01 the registry', () => {
  test.each([
    ['wants a login', 'unauthorized: authentication required', /docker login localhost:5000/],
    ['does not answer in time', 'Get "https://localhost:5000/v2/": dial tcp: i/o timeout', /i\/o timeout/],
  ])('%s', async (_name, words, told) => {
    const all = await bench();
    let pushes = 0;
    all.faults.push = (response) => {
      pushes += 1;
      response.end(say({ error: words }));
    };
    expectFailure(await all.build(), 'PUSH_FAILED', told);
    expect(pushes).toBe(words.includes('timeout') ? 4 : 1);
    // the image is whole, so only the push is made up for
    delete all.faults.push;
    expect((await all.build()).code).toBe(0);
    expect([all.builds(), all.pushed.size]).toEqual([1, 1]);
  });
});

describe('B01 the Dockerfile', () => {
  test('is missing', async () => {
    const all = await bench({}, ', dockerfile: Missing');
    expectFailure(await all.build(), 'BUILD_FILE', /The Dockerfile \S+Missing of image app cannot be read/);
    expect([all.builds(), all.images.size]).toEqual([0, 0]);
    writeFiles(all.cwd, { Missing: 'FROM scratch\n' });
    expect((await all.build()).code).toBe(0);
  });

  test.each([
    [
      'lies outside the context',
      { 'docker/Dockerfile': 'FROM scratch\n', 'src/a': 'a' },
      ', dockerfile: docker/Dockerfile, context: src',
    ],
    ['is left out by .dockerignore', { '.dockerignore': '*\n!a.txt\n' }, ''],
  ])('%s, and is sent nevertheless', async (_name, files, more) => {
    const all = await bench(files, more);
    const { code, stderr } = await all.build();
    expect(code, stderr).toBe(0);
    expect([all.builds(), all.images.size]).toEqual([1, 1]);
  });
});

describe('B01 the context', () => {
  test('is far larger than what is held in memory', { timeout: 60_000 }, async () => {
    const { cwd, start, bytes, faults, images } = await bench({ big: '' });
    const size = 600 * 1024 * 1024;
    truncateSync(path.join(cwd, 'big'), size);
    let peak = '';
    faults.build = (response) => {
      peak = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      images.add('whole');
      response.end(say({ stream: 'Successfully built' }));
    };
    const { child, result } = start();
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect(bytes()).toBeGreaterThan(size);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(peak)?.[1]) / 1024).toBeLessThan(400);
  });

  test('has other times, or lies at another path: nothing is built', async () => {
    const { cwd, folder, build, builds, pushed } = await bench();
    await build();
    utimesSync(path.join(cwd, 'a.txt'), 1, 1);
    const touched = await build();
    const elsewhere = path.join(folder, 'elsewhere');
    cpSync(cwd, elsewhere, { recursive: true });
    for (const { code, stderr } of [touched, await build(elsewhere)]) {
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('Not built: nothing changed');
    }
    expect([builds(), pushed.size]).toEqual([1, 1]);
    writeFileSync(path.join(cwd, 'a.txt'), 'b');
    await build();
    expect(builds()).toBe(2);
  });
});

describe('B01 the image', () => {
  test('was deleted behind the cache: it is built again, and why is told', async () => {
    const { build, builds, images } = await bench();
    await build();
    images.clear();
    const { code, stderr } = await build();
    expect([code, builds(), images.size]).toEqual([0, 2, 1]);
    expect(stderr).toContain('the engine has no image of this content');
  });

  test('was being built when Ctrl-C came: the next run builds it', async () => {
    const all = await bench();
    let hasBegun = false;
    let isClosed = false;
    all.faults.build = (response, { socket }) => {
      socket.once('close', () => (isClosed = true));
      response.write(say({ stream: 'Step 1/2 : FROM scratch' }), () => (hasBegun = true));
    };
    const { child, result } = all.start();
    await waitFor(() => expect(hasBegun).toBe(true));
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130, stdout: '' });
    // the engine notices, and ends the build itself
    await waitFor(() => expect(isClosed).toBe(true));
    await expectFreshBuild(all);
  });
});
