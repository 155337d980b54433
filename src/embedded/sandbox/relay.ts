import { type ChildProcess, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { abortReason } from '../../core/abort.ts';
import type { PodContext } from './context.ts';
import { relayProgram } from './relay-program.ts';
import { SandboxError, type ServiceRoute } from './sandbox.ts';
import { namespaceTools, toolEnv } from './tool.ts';

/** The way into and out of the network of one pod, by a small process of ours inside it. */
export interface Relay {
  connect(port: number, signal: AbortSignal): Promise<Duplex>;
  /** Resolves when the pod can reach them. */
  setServices(services: readonly ServiceRoute[]): Promise<void>;
  close(): Promise<void>;
}

export async function openRelay(pod: PodContext): Promise<Relay> {
  const routes = new Map<string, ServiceRoute>();
  const closing = new AbortController();
  // each open connection listens
  setMaxListeners(0, closing.signal);
  // a socket's path is limited to 107 bytes, the state folder may be longer; the open folder has a short name
  const folder = openSync(pod.podFolder, 'r');
  const socketPath = (name: string) => `/proc/self/fd/${folder}/${name}`;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serveRoute(socket, routes, closing.signal).catch(() => socket.destroy());
  });
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
      signal.throwIfAborted();
      const way = await connectThrough(socketPath('in.sock'), port, signal);
      endWith(way, closing.signal);
      return way;
    },
    async setServices(services) {
      routes.clear();
      const listens: { ip: string; port: number }[] = [];
      for (const service of services) {
        for (const port of service.ports) {
          routes.set(`${service.ip} ${port}`, service);
          listens.push({ ip: service.ip, port });
        }
      }
      const listening = new Promise((resolve) => child.stdout?.once('data', resolve));
      child.stdin?.write(`${JSON.stringify(listens)}\n`);
      await Promise.race([listening, exited]);
    },
    close: () => (closed ??= close()),
  };
}

function spawnRelay(pod: PodContext): ChildProcess {
  const spaces = ['-U', ...(pod.network === 'own' ? ['-n'] : []), '--preserve-credentials'];
  const program = [pod.nodePath, '-e', relayProgram, pod.podFolder];
  const child = spawn(namespaceTools.join, ['-t', String(pod.holderPid), ...spaces, '--', ...program], {
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
async function connectThrough(socketPath: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = openSocket({ path: socketPath, allowHalfOpen: true });
  socket.on('error', () => {});
  const release = endWith(socket, signal);
  socket.write(`${port}\n`);
  const answer = await readLine(socket);
  release();
  if (answer === 'ok') return socket;
  socket.destroy();
  if (signal.aborted) throw abortReason(signal);
  if (answer === undefined) throw new SandboxError('NOT_RUNNING', 'the pod has ended');
  throw new SandboxError('CONNECTION_REFUSED', `connect to port ${port} in the pod: ${answer}`);
}

/** A connection that a process of the pod made to a service: the first line names the service. */
async function serveRoute(
  socket: Socket,
  routes: ReadonlyMap<string, ServiceRoute>,
  signal: AbortSignal,
): Promise<void> {
  socket.on('error', () => {});
  endWith(socket, signal);
  const key = (await readLine(socket)) ?? '';
  try {
    const target = await routes.get(key)?.connect(Number(key.split(' ')[1]), signal);
    if (target) couple(socket, target);
    else socket.destroy();
  } catch {
    socket.destroy();
  }
}

/** Byte by byte, because what follows the line belongs to the connection; `undefined` if it ends before. */
function readLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let line = '';
    const finish = (value: string | undefined) => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      resolve(value);
    };
    const onEnd = () => finish(undefined);
    const onReadable = () => {
      for (let byte = socket.read(1) as Buffer | null; byte !== null; byte = socket.read(1) as Buffer | null) {
        if (byte[0] === 10) {
          finish(line);
          return;
        }
        line += byte.toString('latin1');
      }
    };
    socket.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
  });
}

/** Destroys the socket when the signal aborts, until it is released. */
function endWith(socket: Socket, signal: AbortSignal): () => void {
  const onAbort = () => socket.destroy();
  const release = () => signal.removeEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', release);
  return release;
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
