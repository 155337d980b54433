import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openReverseConnection } from '../../../src/forward/reverse-connection.ts';

test('a connection that breaks just when its end is sent is closed', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const onConnected = vi.fn();
  const connection = openReverseConnection({
    port: (server.address() as AddressInfo).port,
    send: () => 'sent',
    onConnected,
    onClosed: () => {},
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => {});
  await vi.waitFor(() => expect(onConnected).toHaveBeenCalled());
  connection.end();
  connection.destroy();
  // what is sent into a closed connection is answered with a reset
  const sending = setInterval(() => socket.write('x'), 20);
  onTestFinished(() => clearInterval(sending));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}, 5_000);
