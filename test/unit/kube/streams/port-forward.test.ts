import { getEventListeners, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createNegotiation } from '../../../../src/kube/streams/negotiation.ts';
import { createPortForwarder } from '../../../../src/kube/streams/port-forward.ts';
import { errorOf, userErrorOf } from '../../../helpers/error-of.ts';
import { restOf } from '../../../helpers/rest-of.ts';
import { startSpdyServer } from '../../../helpers/spdy-server.ts';

const pod = { namespace: 'dev', pod: 'app-1' };

async function podListening(onConnection: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Unlike a loop over the stream this leaves its other direction open. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

async function open(port: number) {
  const server = await startSpdyServer();
  const openPort = createPortForwarder(createNegotiation(restOf(server.url)));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const { signal } = controller;
  return {
    server,
    stream: await openPort(pod, port, signal),
    again: () => openPort(pod, port, signal),
    /** Ends the run: no tunnel may stay. */
    async finish() {
      controller.abort();
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    },
  };
}

test('P03: a half-close reaches the pod, which answers afterwards', async () => {
  const { port } = await podListening((socket) => {
    const got = collect(socket);
    socket.once('end', () => socket.end(`got ${got().length} bytes`));
  });
  const { stream, finish } = await open(port);
  stream.end(Buffer.alloc(200_000, 'u'));
  expect(await text(stream)).toBe('got 200000 bytes');
  await finish();
});

test('P03: a pod that closes its side first can still be written to', async () => {
  let received = (): string => '';
  const { port } = await podListening((socket) => {
    socket.end('banner');
    received = collect(socket);
  });
  const { stream } = await open(port);
  const banner = collect(stream);
  await once(stream, 'end');
  expect(banner()).toBe('banner');
  stream.end('late words');
  await vi.waitFor(() => expect(received()).toBe('late words'));
});

test('what a pod sent before its end is read however late', async () => {
  const { port } = await podListening((socket) => socket.end(Buffer.alloc(400_000)));
  const { stream } = await open(port);
  await once(stream, 'readable');
  expect((await buffer(stream)).length).toBe(400_000);
});

test('a port on which nothing listens is PORT_REFUSED with the words of the server', async () => {
  const { port, server: taken } = await podListening(() => {});
  await new Promise((resolve) => taken.close(resolve));
  const { stream, finish } = await open(port);
  const error = await userErrorOf(text(stream));
  expect(error.code).toBe('PORT_REFUSED');
  expect(error.message).toContain(`Port ${port} of pod dev/app-1`);
  expect(error.message).toContain('ECONNREFUSED');
  await finish();
});

test('a destroyed stream resets the connection in the pod', async () => {
  const ends: string[] = [];
  const { port } = await podListening((socket) => {
    socket.on('error', (error) => ends.push(error.message));
    socket.on('close', () => ends.push('closed'));
    socket.write('hello');
  });
  const { stream, finish } = await open(port);
  await once(stream, 'data');
  stream.destroy();
  await vi.waitFor(() => expect(ends).toContain('closed'));
  await finish();
});

test('P05: a lost connection is an error, not an end', async () => {
  const { port } = await podListening((socket) => socket.write('half an answer'));
  const { stream, server } = await open(port);
  await once(stream, 'readable');
  const reading = errorOf(text(stream));
  for (const socket of server.sockets) socket.destroy();
  expect((await reading).message).toMatch(/closed|ECONNRESET/);
});

test.each([
  [401, 'KUBE_UNAUTHORIZED'],
  [403, 'KUBE_FORBIDDEN'],
  [404, 'KUBE_NOT_FOUND'],
])('P04: a refusal with %i is %s', async (status, code) => {
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', message: 'pods "app-1": no' });
  const server = await startSpdyServer({ refuse: { status, body } });
  const { signal } = new AbortController();
  const error = await userErrorOf(createPortForwarder(createNegotiation(restOf(server.url)))(pod, 80, signal));
  expect(error.code).toBe(code);
  expect(error.message).toContain('forward a port to pod dev/app-1: pods "app-1": no');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('abort closes the connection', async () => {
  const { port } = await podListening(() => {});
  const { stream, finish } = await open(port);
  stream.on('error', () => {});
  await finish();
});

test('P03: a pod that resets the connection is an error, so that a cut answer is never taken for a whole one', async () => {
  const { port } = await podListening((socket) => socket.write('half an answer', () => socket.resetAndDestroy()));
  const { stream } = await open(port);
  expect(await errorOf(text(stream))).toBeInstanceOf(Error);
});

test('P03: a reset without a word of the kubelet is an error, too', async () => {
  const { port } = await podListening((socket) => socket.write('half an answer'));
  const { stream, server } = await open(port);
  const reading = errorOf(text(stream));
  await vi.waitFor(() => expect(server.peers.length).toBeGreaterThan(0));
  await once(stream, 'readable');
  for (const peer of server.peers) peer.resetAll();
  expect((await reading).message).toBe('the connection was reset in the pod');
});

test('connections one after the other share a tunnel, and those at once have one each', async () => {
  const { port } = await podListening((socket) => socket.pipe(socket));
  const { stream, again, server } = await open(port);
  const echo = async (through: Duplex, words: string) => {
    through.end(words);
    return text(through);
  };
  expect(await echo(stream, 'one')).toBe('one');
  // the first one, and one that waits for the next connection
  await vi.waitFor(() => expect(server.upgrades).toHaveLength(2));
  for (const words of ['two', 'three', 'four']) expect(await echo(await again(), words)).toBe(words);
  expect(server.upgrades).toHaveLength(2);
  const many = await Promise.all(Array.from({ length: 100 }, again));
  expect(await Promise.all(many.map((through, i) => echo(through, `${i}`)))).toEqual(many.map((_, i) => `${i}`));
  expect(server.upgrades.length).toBeLessThanOrEqual(20);
});

test('P03: a reader that does not read harms no other, and alone it stops the pod', async () => {
  const sockets: Socket[] = [];
  const { port } = await podListening((socket) => sockets.push(socket));
  const { stream, again } = await open(port);
  stream.on('error', () => {});
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  const block = Buffer.alloc(1024 * 1024);
  let sent = 0;
  const pour = (): void => {
    while (sent < 512 * 1024 * 1024) {
      sent += block.length;
      if (sockets[0]?.write(block)) continue;
      sockets[0]?.once('drain', pour);
      return;
    }
  };
  pour();
  await once(stream, 'readable');
  await vi.waitFor(
    async () => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(sent).toBe(before);
    },
    { timeout: 15_000 },
  );
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  expect(stream.destroyed).toBe(false);
  const other = await again();
  await vi.waitFor(() => expect(sockets).toHaveLength(2));
  sockets[1]?.end('still here');
  expect(await text(other)).toBe('still here');
  stream.destroy();
});
