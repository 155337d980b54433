import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { abortReason } from '../../core/abort.ts';
import type { PodContext } from './context.ts';
import { relayProgram } from './relay-program.ts';
import { SandboxError, type ServiceRoute } from './sandbox.ts';
import { toolEnv } from './tool.ts';

/** The way into and out of the network of one pod, by a small process of ours inside it. */
export interface Relay {
  connect(port: number, signal: AbortSignal): Promise<Duplex>;
  setServices(services: readonly ServiceRoute[]): void;
  close(): Promise<void>;
}

export async function openRelay(pod: PodContext): Promise<Relay> {
  const routes = new Map<string, ServiceRoute>();
  const closing = new AbortController();
  // a socket's path is limited to 107 bytes, the state folder may be longer; the open folder has a short name
  const folder = openSync(pod.podFolder, 'r');
  const socketPath = (name: string) => `/proc/self/fd/${folder}/${name}`;
  const server = createServer({ allowHalfOpen: true }, (socket) => serveRoute(socket, routes, closing.signal));
  server.listen(socketPath('out.sock'));
  const child = spawnRelay(pod);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const close = async () => {
    closing.abort();
    child.kill('SIGKILL');
    await exited;
    await closeServer(server);
    closeSync(folder);
  };
  try {
    await untilReady(child);
  } catch (error) {
    await close();
    throw error;
  }
  child.stdout?.resume();
  // the pod may die by itself: its connections are reset then
  exited.then(
    () => closing.abort(),
    () => {},
  );
  let closed: Promise<void> | undefined;
  return {
    async connect(port, signal) {
      const way = await connectThrough(socketPath('in.sock'), port, AbortSignal.any([signal, closing.signal]));
      endWith(way, closing.signal);
      return way;
    },
    setServices(services) {
      routes.clear();
      const listens: { ip: string; port: number }[] = [];
      for (const service of services) {
        for (const port of service.ports) {
          routes.set(`${service.ip} ${port}`, service);
          listens.push({ ip: service.ip, port });
        }
      }
      child.stdin?.write(`${JSON.stringify(listens)}\n`);
    },
    close: () => (closed ??= close()),
  };
}

function spawnRelay(pod: PodContext): ChildProcess {
  const spaces = ['-U', ...(pod.network === 'own' ? ['-n'] : []), '--preserve-credentials'];
  const program = [pod.nodePath, '-e', relayProgram, pod.podFolder];
  const child = spawn('nsenter', ['-t', String(pod.holderPid), ...spaces, '--', ...program], {
    env: toolEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  return child;
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    const fail = () => reject(new SandboxError('SETUP', 'the relay into the network of the pod did not start'));
    child.once('exit', fail);
    child.once('error', fail);
  });
}

/** One connection: the first line names the port, the first line of the answer says whether somebody listens. */
function connectThrough(socketPath: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const socket = openSocket({ path: socketPath, allowHalfOpen: true });
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('readable').removeAllListeners('close').removeAllListeners('error');
      settle();
    };
    const fail = (error: Error) => {
      finish(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(error);
      });
    };
    const onAbort = () => fail(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => fail(new SandboxError('NOT_RUNNING', 'the pod has ended', { cause: error })));
    socket.once('close', () => fail(new SandboxError('NOT_RUNNING', 'the pod has ended')));
    let answer = '';
    socket.on('readable', () => {
      // byte by byte: what follows the line belongs to the connection
      for (let byte = readByte(socket); byte !== undefined; byte = readByte(socket)) {
        if (byte !== '\n') {
          answer += byte;
          continue;
        }
        if (answer === 'ok') finish(() => resolve(socket));
        else fail(new SandboxError('CONNECTION_REFUSED', `connect to port ${port} in the pod: ${answer}`));
        return;
      }
    });
    socket.write(`${port}\n`);
  });
}

function readByte(socket: Socket): string | undefined {
  const chunk: unknown = socket.read(1);
  return Buffer.isBuffer(chunk) ? chunk.toString('latin1') : undefined;
}

/** A connection that a process of the pod made to a service: the first line names the service. */
function serveRoute(socket: Socket, routes: ReadonlyMap<string, ServiceRoute>, signal: AbortSignal): void {
  socket.on('error', () => {});
  endWith(socket, signal);
  let key = '';
  const onReadable = () => {
    for (let byte = readByte(socket); byte !== undefined; byte = readByte(socket)) {
      if (byte !== '\n') {
        key += byte;
        continue;
      }
      socket.off('readable', onReadable);
      const route = routes.get(key);
      if (!route) socket.destroy();
      else
        route.connect(Number(key.split(' ')[1]), signal).then(
          (target) => couple(socket, target),
          () => socket.destroy(),
        );
      return;
    }
  };
  socket.on('readable', onReadable);
}

function endWith(socket: Socket, signal: AbortSignal): void {
  const onAbort = () => socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
}

function couple(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => {
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
