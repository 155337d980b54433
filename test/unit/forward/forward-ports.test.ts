import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PortMapping } from '../../../src/config/types.ts';
import { UserError } from '../../../src/core/errors.ts';
import { startForwarding } from '../../../src/forward/forward-ports.ts';
import { listeningInodes, portOwner } from '../../../src/forward/port-owner.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { ContainerRef } from '../../../src/kube/objects.ts';
import { freePort, isOpen } from '../../helpers/bench.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { unusable } from '../../helpers/unusable.ts';

/** A program in the pod; its connections are real ones of this machine. */
async function podWith(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function forward(openPort: KubeClient['openPort'], current = async (): Promise<ContainerRef> => pod('app-1')) {
  const port = await freePort();
  const lost: string[] = [];
  const target = { current, lost: ({ pod: name }: ContainerRef) => void lost.push(name) };
  const mappings = [{ port, remotePort: 3000, bindAddress: '127.0.0.1' }];
  const kube = unusable<KubeClient>('KubeClient', { openPort });
  const { signal } = new AbortController();
  const log = recordingLog();
  const handle = startForwarding([{ target, mappings }], { kube, log, signal });
  onTestFinished(() => handle.close());
  await handle.ready;
  return { port, handle, lost, log };
}

const pod = (name: string): ContainerRef => ({ namespace: 'dev', pod: name, container: 'app' });
const toPort = (port: number) => async () => connect({ port, host: '127.0.0.1', allowHalfOpen: true });

function client(port: number): { readonly socket: Socket; readonly got: () => Buffer } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, got: () => Buffer.concat(chunks) };
}

/** Unlike `once` this does not mind the error of a reset. */
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

test('P03: a half-close arrives, and the answer after it, byte for byte', async () => {
  const sent = Buffer.alloc(1_000_000, '0123456789');
  const remote = await podWith((socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat(chunks).reverse()));
  });
  const { port } = await forward(toPort(remote));
  const { socket, got } = client(port);
  socket.end(sent);
  await once(socket, 'end');
  expect(got().equals(Buffer.from(sent).reverse())).toBe(true);
});

test('P03: a reset of one connection harms no other', async () => {
  const sockets: Socket[] = [];
  const ended: Socket[] = [];
  const remote = await podWith((socket) => {
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.once('end', () => ended.push(socket));
  });
  const { port } = await forward(toPort(remote));
  const [first, second] = [client(port), client(port)];
  first.socket.write('a');
  second.socket.write('b');
  await vi.waitFor(() => expect([String(first.got()), String(second.got())]).toEqual(['a', 'b']));
  first.socket.resetAndDestroy();
  await vi.waitFor(() => expect(ended).toHaveLength(1));
  second.socket.write('c');
  await vi.waitFor(() => expect(String(second.got())).toBe('bc'));
});

test('a stream that breaks just when the pod has closed its side ends the connection', async () => {
  const remote = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      this.once('end', () => this.destroy(new Error('the stream broke')));
      this.push(null);
      done();
    },
  });
  const { port } = await forward(async () => remote);
  const { socket } = client(port);
  socket.write('x');
  await once(socket, 'end');
  // what is sent into a closed connection is answered with a reset
  const sending = setInterval(() => socket.write('x'), 20);
  onTestFinished(() => clearInterval(sending));
  await closed(socket);
});

test('P02: a connection after the pod was replaced goes to the new one', async () => {
  const remote = await podWith((socket) => socket.end('from the new pod'));
  let tries = 0;
  const { port, lost } = await forward(
    async ({ pod: name }) => {
      if (name === 'app-1') throw new UserError('KUBE_NOT_FOUND', 'pods "app-1" not found');
      return toPort(remote)();
    },
    async () => pod(`app-${(tries += 1)}`),
  );
  const { socket, got } = client(port);
  await once(socket, 'end');
  expect(String(got())).toBe('from the new pod');
  expect(lost).toEqual(['app-1']);
});

test('P01: a taken port is PORT_UNAVAILABLE with its address', async () => {
  const taken = await podWith(() => {});
  const target = { current: async () => pod('app-1'), lost: () => {} };
  const mappings = [{ port: taken, remotePort: 3000, bindAddress: '127.0.0.1' }];
  const { signal } = new AbortController();
  const handle = startForwarding([{ target, mappings }], {
    kube: unusable<KubeClient>('KubeClient', {}),
    log: recordingLog(),
    signal,
  });
  const error = await userErrorOf(handle.ready);
  expect(error.code).toBe('PORT_UNAVAILABLE');
  expect(error.message).toContain(`127.0.0.1:${taken}`);
  await handle.close();
});

test('close leaves neither listener nor connection, twice too', async () => {
  const sockets: Socket[] = [];
  const remote = await podWith((socket) => sockets.push(socket));
  const { port, handle } = await forward(toPort(remote));
  const { socket } = client(port);
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  const ended = once(socket, 'end');
  await handle.close();
  await handle.close();
  await handle.done;
  await ended;
  expect(await isOpen(port)).toBe(false);
});

test('what a client sent before the pod was found gone reaches the next pod, once', async () => {
  const got: string[] = [];
  const remote = await podWith((socket) => {
    socket.on('data', (chunk: Buffer) => got.push(String(chunk)));
    socket.on('end', () => socket.end('thanks'));
  });
  let tries = 0;
  const { port } = await forward(async () => {
    tries += 1;
    if (tries > 1) return toPort(remote)();
    // takes what it gets, and then says that it never had a connection
    return new Duplex({
      read: () => {},
      write(this: Duplex, _chunk, _encoding, done) {
        done();
        setImmediate(() => this.destroy(new UserError('CONTAINER_NOT_RUNNING', 'sandbox not found')));
      },
    });
  });
  const { socket, got: answer } = client(port);
  socket.end('order');
  await once(socket, 'end');
  expect([got.join(''), String(answer()), tries]).toEqual(['order', 'thanks', 2]);
});

test('what a pod may have got is not sent twice', async () => {
  let tries = 0;
  const { port } = await forward(async () => {
    tries += 1;
    return new Duplex({
      read: () => {},
      write(this: Duplex, _chunk, _encoding, done) {
        done();
        setImmediate(() => this.destroy(new Error('the connection was closed')));
      },
    });
  });
  const { socket } = client(port);
  socket.write('order');
  await closed(socket);
  expect(tries).toBe(1);
});

test('P06: a port on which nothing listens closes the connection and is told once', async () => {
  let tries = 0;
  const { port, log } = await forward(async () => {
    tries += 1;
    const remote = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    setImmediate(() => remote.destroy(new UserError('PORT_REFUSED', 'Port 3000: connection refused')));
    return remote;
  });
  for (let i = 0; i < 3; i += 1) await closed(client(port).socket);
  expect(tries).toBe(3);
  expect(log.lines.filter((line) => line.includes('connection refused'))).toHaveLength(1);
});

test('P01: the program that has the port is named', async () => {
  const taken = await podWith(() => {});
  if (process.platform !== 'linux') return;
  expect(portOwner(taken)).toMatch(new RegExp(`^.+ \\(process ${process.pid}\\)$`));
});

test('only what listens has a port', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
    '   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
    '   2: 0100007F:9C40 0100007F:1F90 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
  ].join('\n');
  expect(listeningInodes(table, 8080)).toEqual(['socket:[111]']);
});

test('P06: IPv6 addresses are listened on, and written with brackets', async () => {
  const remote = await podWith((socket) => socket.end('over six'));
  const port = await freePort();
  const target = { current: async () => pod('app-1'), lost: () => {} };
  const log = recordingLog();
  const { signal } = new AbortController();
  const kube = unusable<KubeClient>('KubeClient', { openPort: toPort(remote) });
  const mappings = [{ port, remotePort: 3000, bindAddress: '::1' }];
  const handle = startForwarding([{ target, mappings }], { kube, log, signal });
  onTestFinished(() => handle.close());
  await handle.ready;
  expect(log.lines).toContain(`info Forwarding [::1]:${port} to port 3000`);
  const socket = connect({ port, host: '::1' });
  const answer = text(socket);
  expect(await answer).toBe('over six');
});

test.each([
  ['::1', '127.0.0.1'],
  ['127.0.0.1', '::1'],
])('P01: a port that only %s has is free for %s', async (taken, bindAddress) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, taken, resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { handle } = startOn([{ port, remotePort: 3000, bindAddress }]);
  await handle.ready;
  expect(await isOpen(port)).toBe(true);
});

test('P01: two entries with the same port are told, and nothing stays open', async () => {
  const port = await freePort();
  const mapping = { port, remotePort: 3000, bindAddress: '127.0.0.1' };
  const { handle } = startOn([mapping, mapping]);
  expect((await userErrorOf(handle.ready)).message).toContain(`127.0.0.1:${port} cannot be opened`);
  await handle.close();
  expect(await isOpen(port)).toBe(false);
});

test('P06: an address that is none of this machine is told', async () => {
  const port = await freePort();
  const error = await userErrorOf(startOn([{ port, remotePort: 3000, bindAddress: '192.0.2.1' }]).handle.ready);
  expect([error.code, error.message]).toEqual([
    'PORT_UNAVAILABLE',
    `The local port 192.0.2.1:${port} cannot be opened: this machine has no such address.`,
  ]);
});

test('P05: a pod that never answers a dial holds up neither the end of the run nor the port', async () => {
  const dialled: string[] = [];
  const { port, handle } = await forward(async ({ pod: name }) => {
    dialled.push(name);
    return new Promise<Duplex>(() => {});
  });
  const { socket } = client(port);
  await vi.waitFor(() => expect(dialled).toEqual(['app-1']));
  const gone = closed(socket);
  await handle.close();
  socket.end();
  await gone;
  expect(await isOpen(port)).toBe(false);
});

/** Ports of a pod with which nobody speaks. */
function startOn(mappings: readonly PortMapping[]) {
  const target = { current: async () => pod('app-1'), lost: () => {} };
  const { signal } = new AbortController();
  const kube = unusable<KubeClient>('KubeClient', {
    openPort: async () => new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() }),
  });
  const handle = startForwarding([{ target, mappings }], { kube, log: recordingLog(), signal });
  onTestFinished(() => handle.close());
  return { handle };
}
