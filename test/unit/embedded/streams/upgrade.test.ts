import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExecRequest, PodRuntime } from '../../../../src/embedded/api/pod-runtime.ts';
import { StatusError } from '../../../../src/embedded/api/status.ts';
import type { ProcessStreams, TerminalSize } from '../../../../src/embedded/sandbox/sandbox.ts';
import { startTestApi, type TestApi } from '../../../helpers/embedded-api.ts';
import {
  clientFrame,
  nextMessage,
  openUpgrade,
  openWebSocket,
  readChannels,
  readSpdy,
  spdyData,
  synStream,
} from '../../../helpers/stream-client.ts';

let api: TestApi;
let echo: Server;
let sizes: TerminalSize[];
let port: number;
let children: ChildProcessWithoutNullStreams[];

function run(request: ExecRequest): ProcessStreams {
  const [program = '', ...args] = request.command;
  const child = spawn(program, args);
  children.push(child);
  if (request.tty) sizes.push(request.tty);
  return {
    stdout: child.stdout,
    stderr: request.tty ? new PassThrough().end() : child.stderr,
    ...(request.stdin ? { stdin: child.stdin } : {}),
    exited: once(child, 'exit').then(([code]) => ({ exitCode: Number(code) })),
    resize: async (size) => void sizes.push(size),
    kill: () => {},
  };
}

const runtime: PodRuntime = {
  assertRunning: (_pod, container) => {
    if (container === 'down') throw new StatusError(500, 'InternalError', 'container not found ("down")');
  },
  log: () => {
    throw new Error('unused');
  },
  exec: async (_pod, _container, request) => run(request),
  attach: () =>
    run({ command: ['sh', '-c', 'echo attached'], stdin: false, tty: undefined, signal: AbortSignal.abort() }),
  connect: async (_pod, asked) => {
    const socket = connectTcp({ port: asked, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  },
};

beforeEach(async () => {
  sizes = [];
  children = [];
  api = await startTestApi(runtime);
  const container = (name: string) => ({ name, image: 'busybox' });
  await api.request('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'p' },
    spec: { containers: [container('c'), container('down')] },
  });
  // Answers with what it got, after the other side has said that there is no more.
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat([Buffer.from('got '), ...chunks])));
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = (echo.address() as AddressInfo).port;
});
afterEach(async () => {
  await api.close();
  echo.close();
});

const pod = '/api/v1/namespaces/default/pods/p';
const exec = (script: string, more = '') =>
  `${pod}/exec?container=c&command=sh&command=-c&command=${encodeURIComponent(script)}&stdin=true&stdout=true&stderr=true${more}`;
const stdin = (text: string) => clientFrame(Buffer.from(`\0${text}`));

describe('exec over WebSocket', () => {
  test('version 5 is chosen wherever it stands; half-close ends the input', async () => {
    const { headers, socket, reader } = await openWebSocket(
      api,
      exec('cat; echo err >&2; exit 3'),
      'v4.channel.k8s.io, v5.channel.k8s.io',
    );
    expect(headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io');
    expect(headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect((await nextMessage(reader))?.data).toEqual(Buffer.from([1]));
    socket.write(Buffer.concat([stdin('a'), stdin('bc'), clientFrame(Buffer.from([255, 0]))]));
    const channels = await readChannels(reader);
    expect(String(channels.get(1))).toBe('abc');
    expect(String(channels.get(2))).toBe('err\n');
    expect(JSON.parse(String(channels.get(3)))).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
  });

  test('version 4 has no half-close', async () => {
    const { socket, reader } = await openWebSocket(api, exec('read a; echo "[$a]"'), 'v4.channel.k8s.io');
    socket.write(Buffer.concat([clientFrame(Buffer.from([255, 0])), stdin('x\n')]));
    const channels = await readChannels(reader);
    expect(String(channels.get(1))).toBe('[x]\n');
    expect(JSON.parse(String(channels.get(3)))).toEqual({ metadata: {}, status: 'Success' });
  });

  test('messages of every length arrive as they were sent', async () => {
    const { socket, reader } = await openWebSocket(api, exec('cat'), 'v5.channel.k8s.io');
    const parts = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(i % 40));
    socket.write(Buffer.concat([...parts.map(stdin), stdin('z'.repeat(200_000)), clientFrame(Buffer.from([255, 0]))]));
    expect(String((await readChannels(reader)).get(1))).toBe(`${parts.join('')}${'z'.repeat(200_000)}`);
  });

  test('pings are answered', async () => {
    const { socket, reader } = await openWebSocket(api, exec('read a'), 'v4.channel.k8s.io');
    await nextMessage(reader);
    socket.write(clientFrame(Buffer.from('hi'), 9));
    expect(await nextMessage(reader)).toEqual({ opcode: 10, data: Buffer.from('hi') });
    socket.destroy();
  });

  test('the first size starts the terminal, later ones resize it', async () => {
    const { socket, reader } = await openWebSocket(api, exec('read a', '&tty=true'), 'v5.channel.k8s.io');
    socket.write(clientFrame(Buffer.from('\x04{"Width":100,"Height":30}')));
    await expect.poll(() => sizes.length).toBeGreaterThan(0);
    socket.write(Buffer.concat([clientFrame(Buffer.from('\x04{"width":90,"height":20}')), stdin('\n')]));
    await readChannels(reader);
    expect(sizes[0]).toEqual({ columns: 100, rows: 30 });
    expect(sizes.at(-1)).toEqual({ columns: 90, rows: 20 });
  });

  test('unknown protocols get 403 without a word, refusals a Status', async () => {
    expect(await openWebSocket(api, exec('true'), 'x.channel')).toMatchObject({ status: 403, body: '' });
    const down = await openWebSocket(api, exec('true').replace('container=c', 'container=down'), 'v5.channel.k8s.io');
    expect(down.status).toBe(500);
    expect(JSON.parse(down.body)).toMatchObject({ kind: 'Status', message: 'container not found ("down")' });
    const missing = await openWebSocket(api, exec('true').replace('pods/p/', 'pods/none/'), 'v5.channel.k8s.io');
    expect(JSON.parse(missing.body)).toMatchObject({ code: 404, message: 'pods "none" not found' });
  });

  test('a client that does not read slows the process down', async () => {
    const { reader } = await openWebSocket(api, exec('head -c 50000000 /dev/zero'), 'v5.channel.k8s.io');
    let last = 0;
    const isStill = () => {
      const now = (children.at(-1)?.stdout as Socket).bytesRead;
      const same = now > 0 && now === last;
      last = now;
      return same;
    };
    await expect.poll(isStill, { interval: 100 }).toBe(true);
    expect(last).toBeLessThan(20_000_000);
    let received = 0;
    for (
      let message = await nextMessage(reader);
      message && message.opcode !== 8;
      message = await nextMessage(reader)
    ) {
      if (message.data[0] === 1) received += message.data.length - 1;
    }
    expect(received).toBe(50_000_000);
  });
});

describe('attach', () => {
  test('ends with success', async () => {
    const { reader } = await openWebSocket(api, `${pod}/attach?container=c&stdout=true`, 'v5.channel.k8s.io');
    const channels = await readChannels(reader);
    expect(String(channels.get(1))).toBe('attached\n');
    expect(JSON.parse(String(channels.get(3)))).toMatchObject({ status: 'Success' });
  });
});

const spdy = { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' };

describe('exec over SPDY', () => {
  test('opens a stream for each channel and ends them all', async () => {
    const { status, headers, socket, reader } = await openUpgrade(api, exec('cat; exit 4'), {
      method: 'POST',
      headers: spdy,
    });
    expect([status, headers['x-stream-protocol-version']]).toEqual([101, 'v4.channel.k8s.io']);
    ['error', 'stdin', 'stdout', 'stderr'].forEach((streamtype, i) =>
      socket.write(synStream(2 * i + 1, { streamtype })),
    );
    socket.write(Buffer.concat([spdyData(3, Buffer.from('hello')), spdyData(3, Buffer.alloc(0), 1)]));
    const state = await readSpdy(reader, ({ ended }) => [1, 5, 7].every((id) => ended.has(id)));
    expect(String(state.data.get(5))).toBe('hello');
    expect(JSON.parse(String(state.data.get(1)))).toMatchObject({ details: { causes: [{ message: '4' }] } });
  });
});

describe('port-forward', () => {
  const pair = (id: number, to: number) => [
    synStream(id, { streamtype: 'error', port: String(to), requestid: String(id) }, 1),
    synStream(id + 2, { streamtype: 'data', port: String(to), requestid: String(id) }),
  ];

  test('over SPDY carries several connections and the end of each direction', async () => {
    const headers = { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'portforward.k8s.io' };
    const { socket, reader } = await openUpgrade(api, `${pod}/portforward`, { method: 'POST', headers });
    socket.write(
      Buffer.concat([
        ...pair(1, port),
        ...pair(5, port),
        spdyData(3, Buffer.from('a'), 1),
        spdyData(7, Buffer.from('b'), 1),
      ]),
    );
    const state = await readSpdy(reader, ({ ended }) => ended.has(3) && ended.has(7));
    expect([String(state.data.get(3)), String(state.data.get(7))]).toEqual(['got a', 'got b']);
    socket.write(Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 9]));
    expect((await readSpdy(reader, ({ pings }) => pings.length > 0)).pings).toEqual([9]);
    socket.destroy();
  });

  test('tunnelled in a WebSocket does the same, a refused port says why and harms no other', async () => {
    const { headers, socket, reader } = await openWebSocket(api, `${pod}/portforward`, 'SPDY/3.1+portforward.k8s.io');
    expect(headers['sec-websocket-protocol']).toBe('SPDY/3.1+portforward.k8s.io');
    const bytes = new PassThrough();
    const inner = (await import('../../../../src/embedded/streams/byte-reader.ts')).createByteReader(bytes);
    const receive = async () => {
      for (let message = await nextMessage(reader); message; message = await nextMessage(reader))
        if (message.opcode === 2) bytes.write(message.data);
    };
    const received = receive();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const unused = (free.address() as AddressInfo).port;
    free.close();
    socket.write(
      Buffer.concat([
        clientFrame(Buffer.alloc(0)),
        ...[...pair(1, unused), ...pair(5, port)].map((frame) => clientFrame(frame)),
        clientFrame(spdyData(7, Buffer.from('b'), 1)),
      ]),
    );
    const state = await readSpdy(inner, ({ ended }) => ended.has(1) && ended.has(3) && ended.has(7));
    expect(String(state.data.get(1))).toMatch(/^error forwarding port \d+ to pod .*ECONNREFUSED/);
    expect(String(state.data.get(7))).toBe('got b');
    socket.destroy();
    await received;
  });

  test('the old way, channels for each port, is refused', async () => {
    const { status } = await openWebSocket(api, `${pod}/portforward?ports=80`, 'v4.channel.k8s.io');
    expect(status).toBe(403);
  });
});

describe('a client that leaves', () => {
  const hasEnded = () => children.at(-1)?.exitCode === 0;

  test('ends the input of its process and nothing else', async () => {
    const { socket } = await openWebSocket(api, exec('cat >/dev/null; exit 0'), 'v5.channel.k8s.io');
    socket.write(stdin('x'));
    socket.destroy();
    await expect.poll(hasEnded).toBe(true);
    expect((await api.request('GET', pod)).code).toBe(200);
  });

  test('does so over SPDY too, even while the process is being started', async () => {
    const { socket } = await openUpgrade(api, exec('cat >/dev/null; exit 0'), { method: 'POST', headers: spdy });
    ['error', 'stdin', 'stdout', 'stderr'].forEach((streamtype, i) =>
      socket.write(synStream(2 * i + 1, { streamtype })),
    );
    socket.end();
    await expect.poll(hasEnded).toBe(true);
  });
});
