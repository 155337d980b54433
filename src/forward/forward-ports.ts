import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { PortMapping } from '../config/types.ts';
import { sleep } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { errorText, systemErrorCode, UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Target } from '../kube/target.ts';

export interface ForwardTask {
  readonly target: Target;
  readonly mappings: readonly PortMapping[];
}

export interface ForwardRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A client that connects while the pod is being replaced waits this long for the new one. */
const gapMs = 10_000;
const retryMs = 300;

/**
 * Listens on the local ports for the whole run. Each connection goes to the pod that is the target at that moment and
 * has a stream of its own: one that breaks harms no other. `ready` rejects with `PORT_UNAVAILABLE` for a taken port.
 */
export function startForwarding(tasks: readonly ForwardTask[], run: ForwardRun): Handle {
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const told = new Set<string>();

  const serve = (client: Socket, target: Target, mapping: PortMapping) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    client.on('error', () => {});
    client.setNoDelay(true);
    connectThrough(client, { target, port: mapping.remotePort }, { ...run, signal }).catch((error: unknown) => {
      client.resetAndDestroy();
      const words = errorText(error);
      if (signal.aborted || told.has(words)) return;
      told.add(words);
      run.log.warn(`Port ${mapping.port}: ${words}`);
    });
  };

  const listenAll = async () => {
    for (const { target, mappings } of tasks) {
      for (const mapping of mappings) {
        // both ends close on their own: protocols rely on half-closed connections
        const server = createServer({ allowHalfOpen: true }, (client) => serve(client, target, mapping));
        servers.push(server);
        await listen(server, mapping);
        run.log.info(`Forwarding ${mapping.bindAddress}:${mapping.port} to port ${mapping.remotePort}`);
      }
    }
  };

  const ended = defer<void>();
  return {
    ready: listenAll(),
    done: ended.promise,
    async close() {
      controller.abort();
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
      ended.resolve();
    },
  };
}

function listen(server: Server, { port, bindAddress }: PortMapping): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, `${bindAddress}:${port}`)));
    server.listen(port, bindAddress, resolve);
  });
}

function listenError(error: unknown, address: string): UserError {
  const code = systemErrorCode(error);
  const words =
    code === 'EADDRINUSE'
      ? 'another program uses it'
      : code === 'EACCES'
        ? 'ports below 1024 need more rights'
        : code === 'EADDRNOTAVAIL'
          ? 'this machine has no such address'
          : errorText(error);
  return new UserError('PORT_UNAVAILABLE', `The local port ${address} cannot be opened: ${words}.`, { cause: error });
}

interface Destination {
  readonly target: Target;
  readonly port: number;
}

async function connectThrough(client: Socket, { target, port }: Destination, run: ForwardRun): Promise<void> {
  const remote = await openWithinGap({ target, port }, run);
  remote.on('error', () => {});
  client.once('close', () => remote.destroy());
  await Promise.all([pipeline(client, remote), pipeline(remote, client)]);
}

async function openWithinGap({ target, port }: Destination, { kube, signal }: ForwardRun) {
  const startedAt = Date.now();
  for (;;) {
    const container = await target.current(signal);
    try {
      return await kube.openPort(container, port, signal);
    } catch (error) {
      target.lost(container);
      if (signal.aborted || Date.now() - startedAt > gapMs) throw error;
      await sleep(retryMs, signal);
    }
  }
}
