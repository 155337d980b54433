import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ExecRequest, PodRuntime } from '../../../../src/embedded/api/pod-runtime.ts';
import { StatusError } from '../../../../src/embedded/api/status.ts';
import type { ProcessStreams, TerminalSize } from '../../../../src/embedded/sandbox/sandbox.ts';
import type { ExecOptions, KubeClient } from '../../../../src/kube/client.ts';
import { type StreamRequest, waysFor } from '../../../../src/kube/streams/negotiation.ts';
import { userErrorOf } from '../../../helpers/error-of.ts';
import { kubeOfApi, useTestApi } from '../../../helpers/kube-of-api.ts';

const container = { namespace: 'default', pod: 'p', container: 'c' };
const { signal } = new AbortController();

/** Containers that are processes of this machine. */
function runtimeOf(sizes: TerminalSize[]): PodRuntime {
  const run = (request: ExecRequest): ProcessStreams => {
    const [program = '', ...args] = request.command;
    const child = spawn(program, args);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.on('error', () => {});
    if (!request.stdin) child.stdin.end();
    if (request.tty) sizes.push(request.tty);
    return {
      stdout: child.stdout,
      stderr: request.tty ? new PassThrough().end() : child.stderr,
      ...(request.stdin ? { stdin: child.stdin } : {}),
      exited: once(child, 'exit').then(([code]) => ({ exitCode: Number(code) })),
      resize: async (size) => void sizes.push(size),
      kill: () => {},
    };
  };
  return {
    assertRunning: (_pod, name) => {
      if (name === 'down') throw new StatusError(500, 'InternalError', 'container not found ("down")');
    },
    log: () => {
      throw new Error('unused');
    },
    exec: async (_pod, _container, request) => run(request),
    attach: () => run({ command: ['sh', '-c', 'echo attached'], stdin: false, tty: undefined, signal }),
    connect: async (_pod, port) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
  };
}

async function cluster() {
  const sizes: TerminalSize[] = [];
  const { api, kube } = await useTestApi(runtimeOf(sizes));
  const containers = [container.container, 'down'].map((name) => ({ name, image: 'busybox' }));
  await api.request('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec: { containers } });
  return { api, kube, sizes };
}

const options = (command: readonly string[], more: Partial<ExecOptions> = {}): ExecOptions => ({
  command,
  terminal: 'none',
  stdin: 'open',
  signal,
  ...more,
});

describe('a process over a WebSocket', () => {
  test('sees the end of its input, and gives back output and exit code', async () => {
    const { kube } = await cluster();
    const session = await kube.exec(container, options(['sh', '-c', 'wc -c; echo done >&2; exit 3']));
    session.stdin?.end(Buffer.alloc(300_000, 'x'));
    const [out, err] = await Promise.all([text(session.stdout), text(session.stderr ?? new PassThrough().end())]);
    expect([out.trim(), err]).toEqual(['300000', 'done\n']);
    expect(await session.exit).toBe(3);
  });

  test('gives all it printed to a reader that comes late, byte for byte', async () => {
    const { kube } = await cluster();
    const session = await kube.exec(container, options(['seq', '300000'], { stdin: 'none' }));
    session.stderr?.resume();
    await once(session.stdout, 'readable');
    const all = await buffer(session.stdout);
    expect(await session.exit).toBe(0);
    const expected = Array.from({ length: 300_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(all.equals(Buffer.from(expected))).toBe(true);
  });

  test('gets the sizes of the terminal', async () => {
    const { kube, sizes } = await cluster();
    const size = { columns: 80, rows: 24 };
    const session = await kube.exec(container, options(['cat'], { terminal: 'tty', size }));
    session.stdout.resume();
    session.resize({ columns: 100, rows: 30 });
    await vi.waitFor(() => expect([sizes[0], sizes.at(-1)]).toEqual([size, { columns: 100, rows: 30 }]));
    expect(session.stderr).toBeUndefined();
    session.close();
    expect(await userErrorOf(session.exit)).toMatchObject({ code: 'KUBE_STREAM' });
  });

  test('is slowed down by a reader that does not read', async () => {
    const { kube } = await cluster();
    const session = await kube.exec(container, options(['head', '-c', '300000000', '/dev/zero'], { stdin: 'none' }));
    session.stderr?.resume();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let bytes = 0;
    for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      if (bytes % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(300_000_000);
    expect(most).toBeLessThan(128 * 1024 * 1024);
    expect(await session.exit).toBe(0);
  });

  test('whose connection breaks is no process that ended', async () => {
    const { api, kube } = await cluster();
    const session = await kube.exec(container, options(['sh', '-c', 'echo begun; exec sleep 1000']));
    const output = text(session.stdout);
    await once(session.stdout, 'readable');
    api.faults.restart();
    expect((await userErrorOf(session.exit)).code).toBe('KUBE_STREAM');
    await expect(output).rejects.toThrow();
  });

  test('can be attached to', async () => {
    const { kube } = await cluster();
    const session = await kube.attach(container, { terminal: 'none', stdin: 'none', signal });
    session.stderr?.resume();
    expect(await text(session.stdout)).toBe('attached\n');
    expect(await session.exit).toBe(0);
  });

  test('that cannot be there is told with what is wrong', async () => {
    const { kube } = await cluster();
    const down = await userErrorOf(kube.exec({ ...container, container: 'down' }, options(['true'])));
    expect(down.code).toBe('CONTAINER_NOT_RUNNING');
    expect(down.message).toContain('container not found ("down")');
    const gone = await userErrorOf(kube.exec({ ...container, pod: 'gone' }, options(['true'])));
    expect(gone.code).toBe('KUBE_NOT_FOUND');
    expect(gone.message).toContain('pods "gone" not found');
  });
});

test('ports go through SPDY in a WebSocket, each end of each connection by itself', async () => {
  const { kube } = await cluster();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat([Buffer.from('got '), ...chunks])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const answers = Array.from({ length: 64 }, async (_, i) => {
    const through = await kube.openPort(container, port, controller.signal);
    through.end(`${i}`.repeat(20_000));
    return text(through);
  });
  for (const [i, answer] of (await Promise.all(answers)).entries()) expect(answer).toBe(`got ${`${i}`.repeat(20_000)}`);
});

describe('an account', () => {
  async function kubeWith(verbs: readonly string[], options: { granted?: string } = {}): Promise<KubeClient> {
    const { api } = await cluster();
    api.authenticator.addToken('dev-token', { name: 'dev', groups: [] });
    const rules = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const resources = [options.granted ?? 'pods/exec'];
    if (verbs.length > 0) {
      await api.request('POST', `${rules}/roles`, {
        metadata: { name: 'dev' },
        rules: [{ apiGroups: [''], resources, verbs: [...verbs] }],
      });
      await api.request('POST', `${rules}/rolebindings`, {
        metadata: { name: 'dev' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'dev' },
        subjects: [{ kind: 'User', name: 'dev', apiGroup: 'rbac.authorization.k8s.io' }],
      });
    }
    return kubeOfApi(api, 'dev-token');
  }

  test.each([[['get']], [['create']], [['get', 'create']]])('with %j runs commands, again and again', async (verbs) => {
    const kube = await kubeWith(verbs);
    for (const word of ['one', 'two']) {
      const session = await kube.exec(container, options(['cat']));
      session.stderr?.resume();
      session.stdin?.end(word);
      expect(await text(session.stdout)).toBe(word);
      expect(await session.exit).toBe(0);
    }
  });

  test.each([[['get']], [['create']], [['get', 'create']]])(
    'with %j forwards ports, again and again',
    async (verbs) => {
      const kube = await kubeWith(verbs, { granted: 'pods/portforward' });
      const server = createServer((socket) => socket.pipe(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const controller = new AbortController();
      onTestFinished(() => controller.abort());
      for (const word of ['one', 'two']) {
        const through = await kube.openPort(container, (server.address() as AddressInfo).port, controller.signal);
        through.end(word);
        expect(await text(through)).toBe(word);
      }
    },
  );

  test('with neither forwards no port and is told both verbs', async () => {
    const kube = await kubeWith([]);
    const through = kube.openPort(container, 1, signal).then((port) => text(port));
    const error = await userErrorOf(through);
    expect(error.code).toBe('KUBE_FORBIDDEN');
    expect(error.message).toContain('get and create, on pods/portforward');
    expect(error.hint).toContain('verbs get and create on pods/portforward');
  });

  test('with neither is told both verbs', async () => {
    const kube = await kubeWith([]);
    const error = await userErrorOf(kube.exec(container, options(['true'])));
    expect(error.code).toBe('KUBE_FORBIDDEN');
    expect(error.message).toContain('get and create, on pods/exec');
    expect(error.hint).toContain('verbs get and create on pods/exec');
  });
});

describe('the order of the ways', () => {
  const request = (more: Partial<StreamRequest>): StreamRequest => ({
    subresource: 'exec',
    path: '',
    query: [],
    endsStdin: false,
    attempt: '',
    signal,
    ...more,
  });
  const words = (...args: Parameters<typeof waysFor>) =>
    waysFor(...args).map(({ transport, protocols }) => `${transport} ${protocols.join()}`);

  test('version 4 is offered with version 5 where nothing depends on it', () => {
    expect(words(request({}))).toEqual(['websocket v5.channel.k8s.io,v4.channel.k8s.io', 'spdy v4.channel.k8s.io']);
  });

  test('version 4, which cannot end an input, is the last resort for one', () => {
    expect(words(request({ endsStdin: true }))).toEqual([
      'websocket v5.channel.k8s.io',
      'spdy v4.channel.k8s.io',
      'websocket v4.channel.k8s.io',
    ]);
  });

  test('what was taken comes first, and nothing twice', () => {
    const [, spdy] = waysFor(request({ subresource: 'portforward' }));
    expect(words(request({ subresource: 'portforward' }), spdy)).toEqual([
      'spdy portforward.k8s.io',
      'websocket SPDY/3.1+portforward.k8s.io',
    ]);
  });
});
