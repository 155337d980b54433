import { getEventListeners } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import type { ExecOptions, ExecSession } from '../../../../src/kube/client.ts';
import { openExec } from '../../../../src/kube/streams/exec.ts';
import { createNegotiation } from '../../../../src/kube/streams/negotiation.ts';
import { errorOf, userErrorOf } from '../../../helpers/error-of.ts';
import { restOf } from '../../../helpers/rest-of.ts';
import {
  exitStatus,
  failure,
  type SpdyServer,
  type SpdyServerOptions,
  startSpdyServer,
} from '../../../helpers/spdy-server.ts';

const container = { namespace: 'dev', pod: 'app-1', container: 'app' };

async function start(
  command: readonly string[],
  server: SpdyServerOptions = {},
  options: Partial<ExecOptions> = {},
): Promise<{ readonly server: SpdyServer; readonly session: ExecSession }> {
  const running = await startSpdyServer(server);
  const { signal } = new AbortController();
  const session = await openExec(createNegotiation(restOf(running.url)), container, {
    command,
    terminal: 'none',
    stdin: 'open',
    signal,
    ...options,
  });
  return { server: running, session };
}

describe.each(['http', 'https'] as const)('a process over %s', (protocol) => {
  test('gets its stdin to the end and gives back what it prints', async () => {
    const { session, server } = await start(['sh', '-c', 'wc -c; echo done >&2'], { protocol });
    const big = Buffer.alloc(300_000, 'x');
    session.stdin?.end(big);
    expect((await text(session.stdout)).trim()).toBe('300000');
    expect(await text(session.stderr!)).toBe('done\n');
    expect(await session.exit).toBe(0);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
});

test('asks for the container, each word of the command and the streams', async () => {
  const { server, session } = await start(['sh', '-c', 'echo "a b"; : "&=?"']);
  await session.exit;
  const url = new URL(server.upgrades[0]?.url ?? '', 'http://server');
  expect(url.pathname).toBe('/api/v1/namespaces/dev/pods/app-1/exec');
  expect(url.searchParams.getAll('command')).toEqual(['sh', '-c', 'echo "a b"; : "&=?"']);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    container: 'app',
    stdin: 'true',
    stderr: 'true',
    tty: 'false',
  });
  expect(server.upgrades[0]?.headers).toMatchObject({
    authorization: 'Bearer test-token',
    'x-stream-protocol-version': 'v4.channel.k8s.io',
  });
});

describe.each(['fin', 'reset'] as const)('with %s at the end', (end) => {
  test.each([0, 3, 137])('the exit code %i arrives with all output', async (code) => {
    const { session } = await start(['sh', '-c', `cat; exit ${code}`], { end });
    session.stdin?.end('some words\n');
    expect(await text(session.stdout)).toBe('some words\n');
    expect(await session.exit).toBe(code);
  });

  test('a killed process gives 137', async () => {
    const { session } = await start(['sh', '-c', 'kill -9 $$'], { end });
    expect(await session.exit).toBe(137);
    expect(await text(session.stdout)).toBe('');
  });

  test('a reader that comes late gets all output', async () => {
    const { session, server } = await start(['sh', '-c', 'head -c 10000 /dev/zero'], { end });
    expect(await session.exit).toBe(0);
    // the server has closed; what it sent before is still here or on its way
    expect((await buffer(session.stdout)).length).toBe(10_000);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  test('half a megabyte to a slow reader arrives whole', async () => {
    const { session } = await start(['sh', '-c', 'head -c 500000 /dev/zero; echo end >&2'], { end });
    session.stderr?.resume();
    let bytes = 0;
    for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(500_000);
    expect(await session.exit).toBe(0);
  });
});

test('stdin that is written while the process has gone is no failure of ours', async () => {
  const { session } = await start(['sh', '-c', 'exec <&-; exit 4'], { end: 'reset' });
  session.stdin?.write('nobody reads this');
  expect(await session.exit).toBe(4);
  session.stdin?.write('nor this');
  session.stdin?.end();
});

test('without stdin no such stream is asked for', async () => {
  const { session } = await start(['cat'], {}, { stdin: 'none' });
  expect(session.stdin).toBeUndefined();
  expect(await session.exit).toBe(0);
});

describe('a connection that is cut before the status', () => {
  test('is KUBE_STREAM, and the output is destroyed', async () => {
    const { session } = await start(['sh', '-c', 'echo half'], { end: 'cut' });
    const output = errorOf(text(session.stdout));
    const error = await userErrorOf(session.exit);
    expect(error.code).toBe('KUBE_STREAM');
    expect(error.message).toContain('dev/app-1, container app');
    expect(await output).toBe(error);
  });

  test('destroys output whose reader waits for it in vain', async () => {
    const { session } = await start([], { onExec: ({ socket }) => socket.destroy() });
    const output = errorOf(text(session.stdout));
    expect((await userErrorOf(session.exit)).code).toBe('KUBE_STREAM');
    expect(await output).toMatchObject({ code: 'KUBE_STREAM' });
  });

  test('is KUBE_STREAM for a server that closes politely but says nothing', async () => {
    const { session } = await start([], {
      onExec: ({ streams, socket }) => {
        for (const stream of streams.values()) stream.end();
        socket.end();
      },
    });
    session.stdout.resume();
    expect(await userErrorOf(session.exit)).toMatchObject({ code: 'KUBE_STREAM' });
  });
});

test('a command that cannot be started is told in the words of the server', async () => {
  const words = 'OCI runtime exec failed: "nano": executable file not found in $PATH';
  const { session } = await start([], {
    onExec: ({ streams, socket }) => {
      streams.get('error')?.end(JSON.stringify(failure(words)));
      socket.end();
    },
  });
  session.stdout.resume();
  const error = await userErrorOf(session.exit);
  expect(error.code).toBe('KUBE_STREAM');
  expect(error.message).toContain(words);
});

test('a status in several pieces is read as one', async () => {
  const { session } = await start([], {
    onExec: ({ streams, socket }) => {
      const status = JSON.stringify(exitStatus(42));
      streams.get('error')?.write(status.slice(0, 30));
      streams.get('error')?.end(status.slice(30));
      socket.end();
    },
  });
  session.stdout.resume();
  expect(await session.exit).toBe(42);
});

test('a slow reader slows the process down; memory stays flat', async () => {
  const { session, server } = await start(['sh', '-c', 'head -c 200000000 /dev/zero']);
  session.stderr?.resume();
  const sent = () => [...server.sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
  let before = -1;
  // nobody reads: sooner or later the server can send no more
  await vi.waitFor(
    () => {
      const now = sent();
      const stands = now === before && now > 0;
      before = now;
      expect(stands).toBe(true);
    },
    { timeout: 10_000, interval: 200 },
  );
  expect(before).toBeLessThan(40_000_000);
  expect(session.stdout.readableLength).toBeLessThan(1_000_000);
  const memory = process.memoryUsage().arrayBuffers;
  let most = 0;
  let bytes = 0;
  for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - memory);
  }
  expect(bytes).toBe(200_000_000);
  expect(await session.exit).toBe(0);
  expect(most).toBeLessThan(150_000_000);
});

test('a terminal gets its size at once and with each change, and has one output', async () => {
  const { session, server } = await start(['cat'], {}, { terminal: 'tty', size: { columns: 80, rows: 24 } });
  expect(session.stderr).toBeUndefined();
  session.resize({ columns: 132, rows: 50 });
  await vi.waitFor(() => expect(server.sizes.join('')).toBe('{"Width":80,"Height":24}{"Width":132,"Height":50}'));
  session.stdin?.end('hello');
  expect(await text(session.stdout)).toBe('hello');
  session.resize({ columns: 1, rows: 1 });
});

test('pings of the server are answered', async () => {
  const { session, server } = await start(['cat']);
  await server.peers[0]?.ping();
  session.close();
  await vi.waitFor(() => expect(server.sockets.size).toBe(0));
});

describe('abort', () => {
  test('closes the socket, ends the exit with KUBE_STREAM and leaves no listener', async () => {
    const controller = new AbortController();
    const { session, server } = await start(['sleep', '1000'], {}, { signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).not.toHaveLength(0);
    controller.abort();
    expect((await userErrorOf(session.exit)).code).toBe('KUBE_STREAM');
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    await vi.waitFor(() => expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0));
  });

  test('before the start makes no connection', async () => {
    const server = await startSpdyServer();
    const controller = new AbortController();
    controller.abort();
    const options = { command: ['true'], terminal: 'none', stdin: 'open', signal: controller.signal } as const;
    const error = await errorOf(openExec(createNegotiation(restOf(server.url)), container, options));
    expect(error.name).toBe('CancelledError');
    expect(server.upgrades).toHaveLength(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('after the end has no effect, and close may be called often', async () => {
    const controller = new AbortController();
    const { session, server } = await start(['true'], {}, { signal: controller.signal });
    expect(await session.exit).toBe(0);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    await vi.waitFor(() => expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0));
    controller.abort();
    session.close();
    session.close();
    expect(await session.exit).toBe(0);
  });
});

describe('a refused upgrade', () => {
  test.each([
    [401, 'KUBE_UNAUTHORIZED'],
    [403, 'KUBE_FORBIDDEN'],
    [404, 'KUBE_NOT_FOUND'],
    [500, 'KUBE_REJECTED'],
  ])('%i is %s with the words of the server', async (status, code) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', message: `no, because ${status}`, code: status });
    const server = await startSpdyServer({ refuse: { status, body } });
    const { signal } = new AbortController();
    const options = { command: ['true'], terminal: 'none', stdin: 'open', signal } as const;
    const error = await userErrorOf(openExec(createNegotiation(restOf(server.url)), container, options));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`no, because ${status}`);
    expect(error.message).toContain('dev/app-1');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
