import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openImageStore } from '../../../../src/embedded/images/image-store.ts';
import { type EngineBench, openEngineBench } from '../../../helpers/engine-bench.ts';
import { textOf } from '../../../helpers/sandbox-bench.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngineBench();
});
afterAll(() => bench.close());

const lines = async (stream: unknown) =>
  (await textOf(stream as Readable))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('says who it is', async () => {
  expect(String(await bench.docker.ping())).toBe('OK');
  expect(await bench.docker.version()).toMatchObject({ ApiVersion: '1.41', Os: 'linux' });
  expect(await bench.docker.info()).toMatchObject({ OSType: 'linux' });
  expect(await bench.docker.checkAuth({ username: 'a', password: 'b' })).toMatchObject({ Status: 'Login Succeeded' });
});

test('an image is tagged, pushed, found by the kubelet, listed and removed', async () => {
  const { id } = await bench.build({ Dockerfile: 'FROM node:20\nLABEL app=x\nRUN echo 1 > /one\n' }, { t: 'app' });
  const image = bench.docker.getImage('app');
  await image.tag({ repo: 'localhost:5000/me/app', tag: 'v1' });
  const pushed = await lines(
    await bench.docker
      .getImage('localhost:5000/me/app')
      .push({ tag: 'v1', authconfig: { username: 'u', password: 'p', serveraddress: 'x' } }),
  );
  expect(pushed[0]).toEqual({ status: 'The push refers to repository [localhost:5000/me/app]' });
  const aux = pushed.at(-1)?.aux as { Tag: string; Digest: string };
  expect(aux).toMatchObject({ Tag: 'v1', Digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });

  const resolved = bench.store.resolveImage('localhost:5000/me/app:v1');
  expect(resolved).toMatchObject({ id, imageID: `localhost:5000/me/app@${aux.Digest}`, standsForMachine: false });
  expect(bench.store.resolveImage(`localhost:5000/me/app@${aux.Digest}`)?.id).toBe(id);
  expect(bench.store.resolveImage('docker.io/library/app:latest')?.id).toBe(id);
  expect(bench.store.resolveImage(String(id).slice(7, 19))?.id).toBe(id);
  expect(await bench.docker.getImage('localhost:5000/me/app:v1').distribution()).toMatchObject({
    Descriptor: { digest: aux.Digest },
  });

  const list = await bench.docker.listImages({ filters: { label: ['app=x'] } });
  expect(list).toMatchObject([{ Id: id, RepoTags: ['app:latest', 'localhost:5000/me/app:v1'] }]);
  expect((await image.history())[0]).toMatchObject({ Id: id, CreatedBy: 'RUN echo 1 > /one' });

  const again = await openImageStore(bench.folder);
  expect(again.resolveImage('localhost:5000/me/app:v1')?.layers.every((layer) => existsSync(layer))).toBe(true);

  await expect(bench.docker.getImage(String(id)).remove()).rejects.toMatchObject({ statusCode: 409 });
  expect(await image.remove()).toEqual([{ Untagged: 'app:latest' }]);
  expect(await bench.docker.getImage('localhost:5000/me/app:v1').remove()).toEqual([
    { Untagged: 'localhost:5000/me/app:v1' },
    { Deleted: id },
  ]);
  expect(bench.store.resolveImage('localhost:5000/me/app:v1')).toBeUndefined();
  await bench.docker.pruneImages();
  expect(readdirSync(path.join(bench.folder, 'layers'))).toEqual([]);
});

test('what is not there has the words of the Docker Engine', async () => {
  const missing = bench.docker.getImage('nope');
  await expect(missing.inspect()).rejects.toMatchObject({
    statusCode: 404,
    json: { message: 'No such image: nope:latest' },
  });
  await expect(missing.remove()).rejects.toMatchObject({ statusCode: 404 });
  await expect(missing.tag({ repo: 'a', tag: 'b' })).rejects.toMatchObject({ statusCode: 404 });
  const words = 'An image does not exist locally with the tag: nope';
  expect(await lines(await missing.push({ tag: '1' }))).toEqual([
    { status: 'The push refers to repository [docker.io/library/nope]' },
    { errorDetail: { message: words }, error: words },
  ]);
  await expect(bench.docker.getImage('localhost:5000/none:1').distribution()).rejects.toMatchObject({
    statusCode: 404,
  });
  await expect(bench.docker.getContainer('x').inspect()).rejects.toMatchObject({
    statusCode: 404,
    json: { message: 'page not found' },
  });
});

test('a push to a registry of this machine that is not there fails', async () => {
  const unused = createServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address() as AddressInfo;
  const name = `localhost:${port}/me/app`;
  await bench.build({ Dockerfile: 'FROM busybox\nENV A=1\n' }, { t: name });
  expect((await lines(await bench.docker.getImage(name).push({}))).at(-1)).toHaveProperty('aux');
  unused.close();
  await once(unused, 'close');
  const words = `Get "http://localhost:${port}/v2/": dial tcp 127.0.0.1:${port}: connect: connection refused`;
  expect((await lines(await bench.docker.getImage(name).push({}))).at(-1)).toEqual({
    errorDetail: { message: words },
    error: words,
  });
});

test('only plain well-known names stand for this machine when a container runs', () => {
  for (const name of ['node:20', 'busybox', 'docker.io/library/nginx:1.25', 'python']) {
    expect(bench.store.resolveImage(name)).toMatchObject({ standsForMachine: true, layers: [] });
  }
  for (const name of [
    'me/node:20',
    'ghcr.io/library/node:20',
    'my-app',
    'localhost:5000/me/none:1',
    'NODE',
    'node:20:1',
    '',
  ]) {
    expect(bench.store.resolveImage(name)).toBeUndefined();
  }
});
