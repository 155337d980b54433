import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findCredentials, registryOf } from '../../../src/build/registry-auth.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const hub = 'https://index.docker.io/v1/';
const basic = (text: string) => Buffer.from(text).toString('base64');
const { signal } = new AbortController();

afterEach(() => {
  vi.unstubAllEnvs();
});

function configFolder(config: unknown): string {
  const folder = tempFolder();
  writeFiles(folder, { 'config.json': typeof config === 'string' ? config : JSON.stringify(config) });
  return folder;
}

/** A real credential helper on PATH. It writes down what it was asked. */
function helper(name: string, script: string): { readonly asked: () => string } {
  const folder = tempFolder();
  const file = path.join(folder, `docker-credential-${name}`);
  writeFiles(folder, {
    [`docker-credential-${name}`]: `#!/bin/sh\nread registry\necho "$1 $registry" > ${folder}/asked\n${script}\n`,
  });
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}${path.delimiter}${process.env['PATH']}`);
  return { asked: () => readFileSync(path.join(folder, 'asked'), 'utf8').trim() };
}

test.each([
  ['nginx', hub],
  ['me/app', hub],
  ['docker.io/me/app', hub],
  ['index.docker.io/me/app', 'index.docker.io'],
  ['localhost/app', 'localhost'],
  ['localhost:5000/me/app', 'localhost:5000'],
  ['registry.example.com/a/b/c', 'registry.example.com'],
  ['host:8080/app', 'host:8080'],
])('%s is in the registry %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

describe('the config file', () => {
  test.each([['localhost:5001'], ['https://localhost:5001'], ['https://localhost:5001/v1/']])(
    'has credentials under %s',
    async (key) => {
      const folder = configFolder({ auths: { [key]: { auth: basic('dev:pass:word') } } });
      expect(await findCredentials('localhost:5001/me/app', folder, signal)).toEqual({
        serveraddress: 'localhost:5001',
        username: 'dev',
        password: 'pass:word',
      });
    },
  );

  test('has those of Docker Hub under its long key', async () => {
    const folder = configFolder({ auths: { [hub]: { auth: basic('me:geheim') } } });
    expect(await findCredentials('me/app', folder, signal)).toMatchObject({ serveraddress: hub, username: 'me' });
    expect(await findCredentials('other.example/me/app', folder, signal)).toBeUndefined();
  });

  test('may hold an identity token', async () => {
    const folder = configFolder({ auths: { 'a.example': { auth: basic('me:'), identitytoken: 'token' } } });
    expect(await findCredentials('a.example/x', folder, signal)).toEqual({
      serveraddress: 'a.example',
      identitytoken: 'token',
    });
  });

  test('may be missing, or know nothing', async () => {
    expect(await findCredentials('a.example/x', path.join(tempFolder(), 'missing'), signal)).toBeUndefined();
    expect(await findCredentials('a.example/x', configFolder({}), signal)).toBeUndefined();
    expect(await findCredentials('a.example/x', configFolder({ auths: { 'a.example': {} } }), signal)).toBeUndefined();
  });

  test('that is broken is DOCKER_CREDENTIALS with its name and none of its words', async () => {
    const folder = configFolder('{"auths": {"a.example": {"auth": c2VjcmV0}}}');
    const error = await userErrorOf(findCredentials('a.example/x', folder, signal));
    expect(error.code).toBe('DOCKER_CREDENTIALS');
    expect(error.message).toContain(path.join(folder, 'config.json'));
    expect(`${error.stack} ${error.cause instanceof Error ? error.cause.stack : ''}`).not.toContain('c2VjcmV0');
  });
});

describe('a credential helper', () => {
  const answers = `echo '{"ServerURL":"x","Username":"me","Secret":"geheim"}'`;

  test('of one registry is asked for that registry only', async () => {
    const { asked } = helper('test', answers);
    const folder = configFolder({
      credHelpers: { 'a.example': 'test' },
      auths: { 'b.example': { auth: basic('b:b') } },
    });
    expect(await findCredentials('a.example/x', folder, signal)).toEqual({
      serveraddress: 'a.example',
      username: 'me',
      password: 'geheim',
    });
    expect(asked()).toBe('get a.example');
    expect(await findCredentials('b.example/x', folder, signal)).toMatchObject({ username: 'b' });
  });

  test('for all is asked for every registry', async () => {
    const { asked } = helper('store', answers);
    expect(await findCredentials('me/app', configFolder({ credsStore: 'store' }), signal)).toMatchObject({
      password: 'geheim',
    });
    expect(asked()).toBe(`get ${hub}`);
  });

  test('may answer with a token', async () => {
    helper('token', `echo '{"Username":"<token>","Secret":"identity"}'`);
    expect(await findCredentials('a.example/x', configFolder({ credsStore: 'token' }), signal)).toEqual({
      serveraddress: 'a.example',
      identitytoken: 'identity',
    });
  });

  test('that knows nothing leaves the word to the file', async () => {
    helper('empty', 'echo "credentials not found in native keychain"; exit 1');
    const folder = configFolder({ credsStore: 'empty', auths: { 'a.example': { auth: basic('f:f') } } });
    expect(await findCredentials('a.example/x', folder, signal)).toMatchObject({ username: 'f' });
    expect(await findCredentials('b.example/x', folder, signal)).toBeUndefined();
  });

  test.each([
    ['fails', 'echo "the secret is hunter2"; echo hunter2 >&2; exit 3'],
    ['answers nonsense', 'echo "hunter2 is no JSON"'],
  ])('that %s is DOCKER_CREDENTIALS and gives no secret away', async (_name, script) => {
    helper('bad', script);
    const error = await userErrorOf(findCredentials('a.example/x', configFolder({ credsStore: 'bad' }), signal));
    expect([error.code, error.message]).toEqual([
      'DOCKER_CREDENTIALS',
      'The credential helper docker-credential-bad failed for a.example.',
    ]);
    // `--debug` shows the causes too
    expect(`${error.stack} ${error.cause instanceof Error ? error.cause.stack : ''}`).not.toContain('hunter2');
  });

  test('that is not installed is DOCKER_CREDENTIALS', async () => {
    const folder = configFolder({ credsStore: 'surely-not-there' });
    expect(await userErrorOf(findCredentials('a.example/x', folder, signal))).toMatchObject({
      code: 'DOCKER_CREDENTIALS',
    });
  });

  test('that hangs ends with the signal', async () => {
    helper('slow', 'exec sleep 1000');
    const controller = new AbortController();
    const asking = errorOf(findCredentials('a.example/x', configFolder({ credsStore: 'slow' }), controller.signal));
    controller.abort(new Error('enough'));
    expect((await asking).message).toBe('enough');
  });
});
