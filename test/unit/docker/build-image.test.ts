import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import http2, { type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { BuildRequest, RegistryCredentials } from '../../../src/docker/client.ts';
import { createDockerClient } from '../../../src/docker/dockerode-client.ts';
import { buildRequest } from '../../helpers/build-request.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { protobufMessage } from '../../helpers/protobuf-message.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

type Build = (peer: BuildKitPeer, response: ServerResponse) => Promise<void>;

/** What an engine with BuildKit does with the session of a build. */
interface BuildKitPeer {
  /** Calls us over gRPC, as the engine does. */
  call(method: string, message: Buffer): Promise<{ readonly status: number; readonly message: Buffer }>;
  readonly closed: Promise<unknown>;
}

const health = '/grpc.health.v1.Health/Check';
const login = '/moby.filesync.v1.Auth/Credentials';

/** An engine on a Unix socket whose usual builder is BuildKit, with or without sessions. */
async function engine(build: Build, sessions: 'has sessions' | 'has none' = 'has sessions') {
  const socketPath = path.join(tempFolder(), 'docker.sock');
  const peers = new Map<string, BuildKitPeer>();
  const builds: URLSearchParams[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    if (pathname.endsWith('/_ping')) return void response.setHeader('Builder-Version', '2').end('OK');
    if (pathname.endsWith('/session')) return void response.writeHead(404).end('{"message":"page not found"}');
    expect((await buffer(request)).length).toBeGreaterThan(1024);
    builds.push(searchParams);
    const peer = peers.get(searchParams.get('session') ?? '');
    if (peer) await build(peer, response);
    else response.end(lines({ stream: 'Step 1/1 : FROM a' }));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  if (sessions === 'has sessions')
    server.on('upgrade', (request, socket) => peers.set(...accept(request, socket as Socket)));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { docker: createDockerClient({ host: `unix://${socketPath}` }), peers, builds };
}

function accept(request: IncomingMessage, socket: Socket): [string, BuildKitPeer] {
  socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  const session = http2.connect('http://session', { createConnection: () => socket });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  // our side has closed; this one, half open, may go later
  const closed = new Promise((resolve) => socket.once('end', resolve));
  const call = (method: string, message: Buffer) => callOver(session, method, message);
  return [String(request.headers['x-docker-expose-session-uuid']), { call, closed }];
}

async function callOver(session: ClientHttp2Session, method: string, message: Buffer) {
  const stream = session.request({
    ':method': 'POST',
    ':path': method,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status: unknown;
  stream.on('response', (headers) => (status ??= headers['grpc-status']));
  stream.on('trailers', (headers) => (status ??= headers['grpc-status']));
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  return { message: (await buffer(stream)).subarray(5), status: Number(status) };
}

const lines = (...messages: readonly object[]) => messages.map((message) => `${JSON.stringify(message)}\n`).join('');
const traced = (message: Buffer) => lines({ id: 'moby.buildkit.trace', aux: message.toString('base64') });
const vertex = (name: string, error = '') =>
  traced(protobufMessage([1, protobufMessage([1, name], [3, name], [5, ''], [7, error])]));
const printed = (name: string, text: string) => traced(protobufMessage([3, protobufMessage([1, name], [4, text])]));

const request = (more: Partial<BuildRequest> = {}): BuildRequest => buildRequest({ tags: ['me/app:one'], ...more });

test('BuildKit gets the archive, and its progress is readable', async () => {
  const { docker, builds, peers } = await engine(async (_peer, response) => {
    response.write(vertex('[1/2] FROM a'));
    response.end(vertex('[2/2] RUN b') + printed('[2/2] RUN b', 'hello\n') + lines({ id: 'moby.image.id', aux: {} }));
  });
  const told: string[] = [];
  await docker.build(
    request({ target: 'dev', onStep: (step) => told.push(step), onOutput: (line) => told.push(`  ${line}`) }),
  );
  expect(told).toEqual(['[1/2] FROM a', '[2/2] RUN b', '  hello']);
  expect(Object.fromEntries(builds[0] ?? [])).toMatchObject({ version: '2', target: 'dev', t: 'me/app:one' });
  // nothing of the session stays
  for (const { closed } of peers.values()) await closed;
});

test.each<[string, string, RegistryCredentials | undefined, [string, string]]>([
  ['localhost:5001', 'localhost:5001', { serveraddress: '', username: 'dev', password: 'geheim' }, ['dev', 'geheim']],
  ['registry-1.docker.io', 'docker.io', { serveraddress: '', identitytoken: 'token' }, ['', 'token']],
  ['example.com', 'example.com', undefined, ['', '']],
])('the login for %s reaches BuildKit', async (host, registry, credentials, [user, secret]) => {
  const asked: string[] = [];
  const answers: unknown[] = [];
  const { docker } = await engine(async (peer, response) => {
    answers.push(await peer.call(login, protobufMessage([1, host])), await peer.call(health, Buffer.alloc(0)));
    answers.push((await peer.call('/moby.filesync.v1.Auth/FetchToken', Buffer.alloc(0))).status);
    response.end(vertex('[1/1] FROM a'));
  });
  const findLogin = async (name: string) => (asked.push(name), credentials);
  await docker.build(request({ findLogin }));
  expect(asked).toEqual([registry]);
  expect(answers).toEqual([
    { status: 0, message: protobufMessage([1, user], [2, secret]) },
    { status: 0, message: protobufMessage([1, 1]) },
    12,
  ]);
});

test('a login that cannot be read is the cause that is told', async () => {
  const { docker } = await engine(async (peer, response) => {
    expect((await peer.call(login, protobufMessage([1, 'example.com']))).status).toBe(13);
    response.end(lines({ error: 'failed to solve: rpc error' }));
  });
  const findLogin = async () => Promise.reject(new Error('the helper failed'));
  expect((await errorOf(docker.build(request({ findLogin })))).message).toBe('the helper failed');
});

test('an instruction that fails is named, with its output', async () => {
  const { docker } = await engine(async (_peer, response) => {
    response.write(vertex('[2/2] RUN npm ci') + printed('[2/2] RUN npm ci', 'no such package\n'));
    response.end(
      vertex('[2/2] RUN npm ci', 'exit code: 1') + lines({ error: 'executor failed running: exit code: 1' }),
    );
  });
  const error = await userErrorOf(docker.build(request()));
  expect([error.code, error.message]).toEqual([
    'BUILD_FAILED',
    'The build failed at [2/2] RUN npm ci: executor failed running: exit code: 1\n  no such package',
  ]);
});

test('an engine that says it has BuildKit, but has no sessions, builds in the classic way', async () => {
  const { docker, builds } = await engine(async () => {}, 'has none');
  const steps: string[] = [];
  await docker.build(request({ onStep: (step) => steps.push(step) }));
  expect(steps).toEqual(['Step 1/1 : FROM a']);
  expect(builds[0]?.get('version')).toBeNull();
});

test.each(['in the middle of its output', 'while it asks for a login'])('ends with the reason %s', async (when) => {
  const controller = new AbortController();
  const cancel = () => controller.abort(new Error('enough'));
  const { docker, peers } = await engine(async (peer, response) => {
    response.write(vertex('[1/1] FROM a'));
    if (when !== 'in the middle of its output') await peer.call(login, protobufMessage([1, 'a'])).catch(() => {});
  });
  const more = when === 'in the middle of its output' ? { onStep: cancel } : {};
  const findLogin = () => (cancel(), new Promise<undefined>(() => {}));
  expect((await errorOf(docker.build(request({ ...more, findLogin, signal: controller.signal })))).message).toBe(
    'enough',
  );
  for (const { closed } of peers.values()) await closed;
  expect(peers.size).toBe(1);
});

test('what is cut or is no progress is an error, never a success', async () => {
  const { docker } = await engine(async (_peer, response) => {
    response.write(vertex('[1/1] FROM a'), () => response.destroy());
  });
  expect(await userErrorOf(docker.build(request()))).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  const broken = await engine(async (_peer, response) => void response.end(traced(Buffer.from('0a05616263', 'hex'))));
  expect(await userErrorOf(broken.docker.build(request()))).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  await vi.waitFor(() => expect(broken.peers.size).toBe(1));
});
