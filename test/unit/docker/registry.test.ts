import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { RegistryCredentials } from '../../../src/docker/client.ts';
import { createDockerClient } from '../../../src/docker/dockerode-client.ts';
import { hasManifest, parseName } from '../../../src/docker/registry.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const { signal } = new AbortController();
const login = { serveraddress: 'a', username: 'dev', password: 'geheim' };
const basic = `Basic ${Buffer.from('dev:geheim').toString('base64')}`;
const token = { serveraddress: 'a', identitytoken: 'long-lived' };

type Guard = (request: IncomingMessage, response: ServerResponse, host: string) => boolean | Promise<boolean>;

/** A registry that has `me/web:1`, for those whom the guard lets in. */
async function registry(guard: Guard): Promise<{ readonly host: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  let host = '';
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked.push(`${request.method} ${request.url}`);
    if (!(await guard(request, response, host))) return;
    const there = request.url === '/v2/me/web/manifests/1' && /oci\.image\.index/.test(request.headers.accept ?? '');
    response.writeHead(there ? 200 : 404).end();
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, asked };
}

const refuse = (response: ServerResponse, challenge: string): false => {
  response.writeHead(401, { 'www-authenticate': challenge }).end();
  return false;
};
const wantsBasic: Guard = ({ headers }, response) =>
  headers.authorization === basic || refuse(response, 'Basic realm="Registry"');

/** A registry whose tokens its own server gives, to those who log in. */
const wantsToken: Guard = async (request, response, host) => {
  const url = new URL(request.url ?? '', 'http://registry');
  if (url.pathname === '/token') {
    const { searchParams: asked } =
      request.method === 'POST' ? { searchParams: new URLSearchParams(await text(request)) } : url;
    const known = request.headers.authorization === basic || asked.get('refresh_token') === 'long-lived';
    const right = asked.get('service') === 'reg' && asked.get('scope') === 'repository:me/web:pull';
    response.writeHead(known && right ? 200 : 401);
    response.end(JSON.stringify(request.method === 'POST' ? { access_token: 'short' } : { token: 'short' }));
    return false;
  }
  if (request.headers.authorization === 'Bearer short') return true;
  return refuse(response, `Bearer realm="http://${host}/token",service="reg",scope="repository:me/web:pull"`);
};

test.each<[string, Guard, RegistryCredentials | undefined, boolean]>([
  ['that is open', () => true, undefined, true],
  ['that is open, with a login', () => true, login, true],
  ['with a password', wantsBasic, login, true],
  ['with a password, without a login', wantsBasic, undefined, false],
  ['with a password, with a wrong one', wantsBasic, { ...login, password: 'falsch' }, false],
  ['with tokens', wantsToken, login, true],
  ['with tokens, and a login by token', wantsToken, token, true],
  ['with tokens, without a login', wantsToken, undefined, false],
  ['with a way to log in that nobody knows', (_request, response) => refuse(response, 'Negotiate'), login, false],
  ['that is broken', (_request, response) => (response.writeHead(500).end(), false), login, false],
])('a registry %s', async (_what, guard, credentials, expected) => {
  const { host } = await registry(guard);
  expect(await hasManifest(`${host}/me/web:1`, credentials, signal)).toBe(expected);
  expect(await hasManifest(`${host}/me/web:2`, credentials, signal)).toBe(false);
});

test('a password is not sent in the clear to another machine', async () => {
  const { host, asked } = await registry((_request, response) =>
    refuse(response, 'Bearer realm="http://elsewhere.invalid/token",service="reg"'),
  );
  expect(await hasManifest(`${host}/me/web:1`, login, signal)).toBe(false);
  expect(asked).toEqual(['HEAD /v2/me/web/manifests/1']);
});

test('a registry that nobody runs does not tell', async () => {
  expect(await hasManifest('localhost:1/me/web:1', undefined, signal)).toBe(false);
});

test('a registry that does not answer is left with the reason of the signal', async () => {
  const controller = new AbortController();
  const { host } = await registry(() => {
    controller.abort(new Error('enough'));
    return false;
  });
  const error = await errorOf(hasManifest(`${host}/me/web:1`, undefined, controller.signal));
  expect(error.message).toBe('enough');
});

test('without an engine the client asks the registry itself', async () => {
  const docker = createDockerClient({ host: `unix://${path.join(tempFolder(), 'missing.sock')}` });
  const { host } = await registry(wantsBasic);
  expect(await docker.isPushed(`${host}/me/web:1`, login, signal)).toBe(true);
  expect(await docker.isPushed(`${host}/me/web:2`, login, signal)).toBe(false);
});

test.each([
  ['busybox:1', 'registry-1.docker.io library/busybox 1'],
  ['me/web:1', 'registry-1.docker.io me/web 1'],
  ['docker.io/busybox:1', 'registry-1.docker.io library/busybox 1'],
  ['localhost/web:1', 'localhost web 1'],
  ['example.com:5000/a/b/c:x', 'example.com:5000 a/b/c x'],
])('%s', (name, parts) => {
  expect(Object.values(parseName(name)).join(' ')).toBe(parts);
});
