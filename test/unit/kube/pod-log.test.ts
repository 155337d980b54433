import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLog, readLog } from '../../../src/kube/pod-log.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { restOf } from '../../helpers/rest-of.ts';

const container = { namespace: 'dev', pod: 'app-1', container: 'app' };
const { signal } = new AbortController();

async function serve(onRequest: RequestListener): Promise<{ rest: ReturnType<typeof restOf>; server: Server }> {
  const server = createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, rest: restOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

test('asks for what was asked for, and for nothing else', async () => {
  const { rest } = await serve((request, response) => response.end(request.url));
  const plain = await openLog(rest, container, { signal });
  expect(await text(plain)).toBe('/api/v1/namespaces/dev/pods/app-1/log?container=app');
  const sinceTime = '2026-01-01T00:00:00Z';
  const full = await openLog(rest, container, { follow: true, sinceTime, tailLines: 0, timestamps: true, signal });
  expect(await text(full)).toContain(
    '?container=app&follow=true&sinceTime=2026-01-01T00%3A00%3A00Z&tailLines=0&timestamps=true',
  );
  expect(await readLog(rest, container, { tailLines: 5, run: 'previous', signal })).toMatch(
    /\?container=app&tailLines=5&previous=true$/,
  );
});

test('what comes is passed on at once, and the end is the end of the container', async () => {
  const { rest } = await serve((_request, response) => {
    response.write('one\n');
    onTestFinished(() => void response.end());
    setImmediate(() => response.end('two\n'));
  });
  const log = await openLog(rest, container, { follow: true, signal });
  expect(await text(log)).toBe('one\ntwo\n');
});

test('a broken connection is no end', async () => {
  const { rest } = await serve((request, response) => response.write('half a li', () => request.socket.destroy()));
  const log = await openLog(rest, container, { follow: true, signal });
  const error = await userErrorOf(text(log));
  expect(error.code).toBe('KUBE_STREAM');
  expect(error.message).toContain('pod dev/app-1, container app');
});

test('a refusal names the pod', async () => {
  const { rest } = await serve((_request, response) =>
    response.writeHead(400).end('{"status":"Failure","message":"container \\"app\\" is waiting to start"}'),
  );
  const error = await userErrorOf(openLog(rest, container, { signal }));
  expect(error.message).toBe('read the log of pod dev/app-1: container "app" is waiting to start');
});

test('a reader that does not read stops the server', async () => {
  let sent = 0;
  let paused = 0;
  const block = Buffer.alloc(256 * 1024);
  const { rest } = await serve((_request, response) => {
    const more = (): void => {
      while (sent < 1 << 30) {
        sent += block.length;
        if (response.write(block)) continue;
        paused += 1;
        response.once('drain', more);
        return;
      }
    };
    more();
  });
  const log = await openLog(rest, container, { signal });
  // the kernel's buffers fill, then nothing moves any more
  await vi.waitFor(
    async () => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(sent).toBe(before);
    },
    { timeout: 20_000 },
  );
  expect(paused).toBeGreaterThan(0);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  log.destroy();
});

test('the signal ends it, and leaving it closes the connection', async () => {
  const open = new Set<unknown>();
  const { rest, server } = await serve((_request, response) => void response.write('one\n'));
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const controller = new AbortController();
  const followed = await openLog(rest, container, { follow: true, signal: controller.signal });
  const left = await openLog(rest, container, { follow: true, signal });
  const failed = errorOf(text(followed));
  controller.abort();
  expect((await failed).name).toBe('CancelledError');
  left.destroy();
  await vi.waitFor(() => expect(open.size).toBe(0));
});
