import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DockerClient } from '../../../src/docker/client.ts';
import { createDockerClient } from '../../../src/docker/dockerode-client.ts';
import { buildRequest } from '../../helpers/build-request.ts';
import { certificate } from '../../helpers/certificate.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(() => {
  vi.stubEnv('DOCKER_TLS_VERIFY', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function clientAt(host: string): DockerClient {
  vi.stubEnv('DOCKER_HOST', host);
  return createDockerClient({ host });
}

/** An engine on a Unix socket, as the real one has it. */
async function engine(answer: Answer): Promise<{ readonly docker: DockerClient; readonly asked: readonly Asked[] }> {
  const socket = path.join(tempFolder(), 'docker.sock');
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
      asked.push({
        method: request.method ?? '',
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: request.headers,
        bytes,
      });
      if (pathname === '/_ping') response.end('OK');
      else answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { docker: clientAt(`unix://${socket}`), asked };
}

const lines = (...messages: readonly object[]) => messages.map((message) => `${JSON.stringify(message)}\r\n`).join('');

describe('build', () => {
  test('sends the archive with its options and gives the output line by line', async () => {
    const { docker, asked } = await engine((response) => {
      response.write('{"stream":"Step 1/2 : FROM a');
      response.end(`\\n"}\r\n${lines({ stream: ' ---> 123\n' }, { status: 'Pulling' }, { aux: { ID: 'sha256:1' } })}`);
    });
    const output: string[] = [];
    const { signal } = new AbortController();
    const more = { buildArgs: { A: 'ä b' }, target: 'dev', network: 'host', signal };
    const [onStep, onOutput] = [(step: string) => output.push(step), (line: string) => output.push(line)];
    await docker.build(buildRequest({ ...more, onStep, onOutput }));
    expect(output).toEqual(['Step 1/2 : FROM a', ' ---> 123', 'Pulling']);
    const [ping, build] = asked;
    expect(asked).toHaveLength(2);
    expect(ping?.path).toBe('/_ping');
    expect(build).toMatchObject({
      method: 'POST',
      query: {
        t: 'localhost:5000/me/app:one',
        dockerfile: 'Dockerfile',
        buildargs: '{"A":"ä b"}',
        target: 'dev',
        networkmode: 'host',
      },
    });
    expect(build?.path).toMatch(/\/build$/);
    expect(build?.bytes).toBeGreaterThan(1024);
    // the connection goes a moment later
    await vi.waitFor(() => expect(getEventListeners(signal, 'abort')).toHaveLength(0));
  });

  test('gives the image its other tags', async () => {
    const { docker, asked } = await engine((response) => response.end(lines({ stream: 'done' })));
    await docker.build(buildRequest({ tags: ['localhost:5000/a:one', 'localhost:5000/a:two'] }));
    expect(asked.map(({ path: asPath }) => asPath.replace(/^\/v[\d.]+/, ''))).toEqual([
      '/_ping',
      '/build',
      '/images/localhost:5000/a:one/tag',
    ]);
    expect(asked[2]?.query).toEqual({ repo: 'localhost:5000/a', tag: 'two' });
  });

  test('that fails names the instruction and the words of the engine', async () => {
    const { docker } = await engine((response) =>
      response.end(
        lines(
          { stream: 'Step 2/3 : RUN npm ci' },
          { stream: '\n' },
          { stream: ' ---> Running in 123\n' },
          { stream: '\u001b[91mno such package\n\u001b[0m' },
          { stream: 'Removing intermediate container 123\n' },
          { errorDetail: { code: 1 }, error: "The command '/bin/sh -c npm ci' returned a non-zero code: 1" },
        ),
      ),
    );
    const error = await userErrorOf(docker.build(buildRequest()));
    expect([error.code, error.message]).toEqual([
      'BUILD_FAILED',
      "The build failed at Step 2/3 : RUN npm ci: The command '/bin/sh -c npm ci' returned a non-zero code: 1\n  no such package",
    ]);
  });

  test('that the engine refuses at once is BUILD_FAILED with its words', async () => {
    const { docker } = await engine((response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ message: 'dockerfile parse error line 3: unknown instruction: RUNN' })),
    );
    const error = await userErrorOf(docker.build(buildRequest()));
    expect(error.code).toBe('BUILD_FAILED');
    expect(error.message).toContain('dockerfile parse error line 3: unknown instruction: RUNN');
  });

  test('whose stream is cut is an error, never a success', async () => {
    const { docker } = await engine((response, message) => {
      response.write(lines({ stream: 'Step 1/2 : FROM a' }), () => message.socket.destroy());
    });
    expect(await userErrorOf(docker.build(buildRequest()))).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });

  test('whose answer is no JSON is an error', async () => {
    const { docker } = await engine((response) => response.end('<html>gateway</html>\n'));
    expect(await userErrorOf(docker.build(buildRequest()))).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });

  test('whose context cannot be read ends with an error', async () => {
    const { docker } = await engine((response) => response.end(lines({ stream: 'ok' })));
    const context = Readable.from(
      (async function* () {
        yield Buffer.alloc(1024);
        throw new Error('the disk is gone');
      })(),
    );
    await expect(docker.build(buildRequest({ context }))).rejects.toThrow();
  });

  test('ends with the reason of the signal, in the middle of its output too', async () => {
    const controller = new AbortController();
    const { docker } = await engine((response) => response.write(lines({ stream: 'Step 1/2 : FROM a' })));
    const onStep = () => controller.abort(new Error('enough'));
    const error = await errorOf(docker.build(buildRequest({ onStep, signal: controller.signal })));
    expect(error.message).toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('push', () => {
  const { signal } = new AbortController();
  const push = {
    repository: 'localhost:5001/me/app',
    tag: 'one',
    credentials: undefined,
    onProgress: () => {},
    signal,
  };

  test('sends the tag and the credentials and tells the progress', async () => {
    const { docker, asked } = await engine((response) =>
      response.end(lines({ status: 'Pushing', id: 'abc', progress: '[=> ]' }, { status: 'one: digest: sha256:1' })),
    );
    const credentials = { serveraddress: 'localhost:5001', username: 'dev', password: 'geheim' };
    const progress: string[] = [];
    await docker.push({ ...push, credentials, onProgress: (text) => progress.push(text) });
    expect(progress).toEqual(['abc: Pushing [=> ]', 'one: digest: sha256:1']);
    expect(asked[0]?.path).toMatch(/\/images\/localhost:5001\/me\/app\/push$/);
    expect(asked[0]?.query).toMatchObject({ tag: 'one' });
    const header = String(asked[0]?.headers['x-registry-auth']);
    expect(JSON.parse(Buffer.from(header, 'base64').toString())).toEqual(credentials);
  });

  test.each([
    [
      'in the middle',
      (response: ServerResponse) =>
        response.end(lines({ status: 'Preparing' }, { error: 'no basic auth credentials' })),
    ],
    [
      'at once',
      (response: ServerResponse) =>
        response.writeHead(500).end(JSON.stringify({ message: 'no basic auth credentials' })),
    ],
  ])('denied %s is PUSH_FAILED with the words of the registry and a way out', async (_name, answer) => {
    const { docker } = await engine(answer);
    const error = await userErrorOf(docker.push(push));
    expect(error.code).toBe('PUSH_FAILED');
    expect(error.message).toContain('localhost:5001/me/app:one');
    expect(error.message).toContain('no basic auth credentials');
    expect(error.hint).toContain('docker login localhost:5001');
  });

  test('whose stream is cut is an error', async () => {
    const { docker } = await engine((response, message) => {
      response.write(lines({ status: 'Pushing' }), () => message.socket.destroy());
    });
    expect(await userErrorOf(docker.push(push))).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
  });

  const overloaded = (response: ServerResponse) =>
    response.end(lines({ error: 'received unexpected HTTP status: 503 Service Unavailable' }));

  test('is tried again when the registry is overloaded for a moment, and says so', async () => {
    let pushes = 0;
    const { docker, asked } = await engine((response) =>
      ++pushes === 1 ? overloaded(response) : response.end(lines({ status: 'Pushed' })),
    );
    const progress: string[] = [];
    await docker.push({ ...push, onProgress: (text) => progress.push(text) });
    expect(asked).toHaveLength(2);
    expect(progress).toEqual([
      'The push of localhost:5001/me/app:one is tried again: received unexpected HTTP status: 503 Service Unavailable',
      'Pushed',
    ]);
  });

  test('that is refused is not tried again', async () => {
    const { docker, asked } = await engine((response) => response.end(lines({ error: 'denied: not yours' })));
    await userErrorOf(docker.push(push));
    expect(asked).toHaveLength(1);
  });

  test('ends with the reason of the signal in the pause before the next try', async () => {
    const controller = new AbortController();
    const { docker, asked } = await engine(overloaded);
    const onProgress = () => controller.abort(new Error('enough'));
    const error = await errorOf(docker.push({ ...push, onProgress, signal: controller.signal }));
    expect(error.message).toBe('enough');
    expect(asked).toHaveLength(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('that is cancelled before the engine answers ends with the reason, not as a refusal', async () => {
    const controller = new AbortController();
    const { docker } = await engine(() => controller.abort(new Error('enough')));
    expect((await errorOf(docker.push({ ...push, signal: controller.signal }))).message).toBe('enough');
  });
});

describe('no engine', () => {
  const { signal } = new AbortController();

  test('at the socket is DOCKER_UNREACHABLE with its name', async () => {
    const host = `unix://${path.join(tempFolder(), 'missing.sock')}`;
    const error = await userErrorOf(clientAt(host).ping(signal));
    expect(error.code).toBe('DOCKER_UNREACHABLE');
    expect(error.message).toBe(`No Docker Engine answers ${host}: nothing listens there.`);
  });

  test('but something that refuses', async () => {
    const folder = tempFolder();
    writeFiles(folder, { 'docker.sock': 'a file, no socket' });
    const error = await userErrorOf(clientAt(`unix://${path.join(folder, 'docker.sock')}`).ping(signal));
    expect(error.code).toBe('DOCKER_UNREACHABLE');
  });

  test('over TCP', async () => {
    const error = await userErrorOf(clientAt('tcp://127.0.0.1:1').ping(signal));
    expect([error.code, error.message]).toEqual([
      'DOCKER_UNREACHABLE',
      'No Docker Engine answers tcp://127.0.0.1:1: nothing listens there.',
    ]);
  });

  test('an engine that answers is reached', async () => {
    const { docker, asked } = await engine((response) => response.end('OK'));
    await docker.ping(signal);
    expect(asked[0]?.path).toMatch(/_ping$/);
  });
});

test('an engine with certificates of its own, as minikube has it, is reached with them', async () => {
  const clients: boolean[] = [];
  const options = { ...certificate, ca: certificate.cert, requestCert: true, rejectUnauthorized: true };
  const server = https.createServer(options, (request, response) => {
    clients.push((request.socket as { authorized?: boolean }).authorized === true);
    response.end('OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const certFolder = tempFolder();
  const address = { host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, certFolder };
  expect((await userErrorOf(Promise.resolve().then(() => createDockerClient(address)))).message).toBe(
    `The certificates of the Docker Engine in ${certFolder} cannot be read.`,
  );
  writeFiles(certFolder, { 'ca.pem': certificate.cert, 'cert.pem': certificate.cert, 'key.pem': certificate.key });
  await createDockerClient(address).ping(new AbortController().signal);
  expect(clients).toEqual([true]);
});

describe('what the engine has', () => {
  test('is listed with its tags and digests; an image without a tag has none', async () => {
    const { docker, asked } = await engine((response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify([
          { Id: 'sha256:1', RepoTags: ['me/web:1'], RepoDigests: null, Created: 5 },
          { Id: 'sha256:2', RepoTags: ['<none>:<none>'], RepoDigests: ['me/web@sha256:a'], Created: 6 },
          { Id: 'sha256:3', RepoTags: null, RepoDigests: ['<none>@<none>'], Created: 7 },
        ]),
      );
    });
    expect(await docker.listImages(new AbortController().signal)).toEqual([
      { id: 'sha256:1', tags: ['me/web:1'], digests: [], createdMs: 5000 },
      { id: 'sha256:2', tags: [], digests: ['me/web@sha256:a'], createdMs: 6000 },
      { id: 'sha256:3', tags: [], digests: [], createdMs: 7000 },
    ]);
    expect(asked.map(({ method, path: asPath }) => `${method} ${asPath}`)).toEqual(['GET /images/json']);
  });

  test.each([
    [200, 'deleted'],
    [404, 'deleted'],
    [409, 'in use'],
  ])('an image whose deletion is answered with %i is %s', async (code, expected) => {
    const { docker, asked } = await engine((response) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ message: 'words' }));
    });
    expect(await docker.deleteImage('localhost:5000/me/web:1', new AbortController().signal)).toBe(expected);
    expect(asked[0]).toMatchObject({ method: 'DELETE', path: '/images/localhost:5000/me/web:1', query: {} });
  });

  test('an engine that fails is no image that was deleted', async () => {
    const { docker } = await engine((response) => void response.writeHead(500).end('{"message":"broken"}'));
    const error = await userErrorOf(docker.deleteImage('me/web:1', new AbortController().signal));
    expect(error.message).toMatch(/^The Docker Engine refused: /);
  });
});
