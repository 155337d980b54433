import { setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PortMapping } from '../config/types.ts';
import { sleep, withDeadline } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { errorText, systemErrorCode, UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Target } from '../kube/target.ts';
import { carryConnection } from './carry-connection.ts';
import { portOwner } from './port-owner.ts';
import { resetConnection } from './reset-connection.ts';
import { tellOnce } from './tell-once.ts';

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
  const tell = tellOnce(run.log.warn);
  // each connection listens for the end of the run
  setMaxListeners(0, signal);

  const serve = (client: Socket, target: Target, mapping: PortMapping) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    client.on('error', () => {});
    client.setNoDelay(true);
    const destination = { target, port: mapping.remotePort };
    carryConnection(client, () => openWithinGap(destination, { ...run, signal })).catch((error: unknown) => {
      resetConnection(client);
      // a client that has gone needs no words
      if (!signal.aborted) tell(`port ${mapping.port}`, `Port ${mapping.port}: ${errorText(error)}`);
    });
  };

  const listenAll = async () => {
    for (const { target, mappings } of tasks) {
      for (const mapping of mappings) {
        // both ends close on their own: protocols rely on half-closed connections
        const server = createServer({ allowHalfOpen: true }, (client) => serve(client, target, mapping));
        servers.push(server);
        await listen(server, mapping);
        run.log.info(`Forwarding ${addressText(mapping)} to port ${mapping.remotePort}`);
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

type Address = Pick<PortMapping, 'port' | 'bindAddress'>;

const addressText = ({ port, bindAddress }: Address): string =>
  `${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${port}`;

function listen(server: Server, { port, bindAddress }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, { port, bindAddress })));
    server.listen(port, bindAddress, resolve);
  });
}

function listenError(error: unknown, address: Address): UserError {
  const code = systemErrorCode(error);
  const { words, hint } = listenProblem(code, address) ?? { words: errorText(error), hint: undefined };
  const message = `The local port ${addressText(address)} cannot be opened: ${words}.`;
  return new UserError('PORT_UNAVAILABLE', message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** What a system error means, and what helps if it is not what the code's own hint says. */
function listenProblem(code: string | undefined, { port }: Address) {
  switch (code) {
    case 'EADDRINUSE':
      return { words: `${portOwner(port) ?? 'another program'} uses it`, hint: undefined };
    case 'EACCES':
      return {
        words: 'ports below 1024 need more rights',
        hint: 'Take a `port` from 1024 on in `dev.ports`.',
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return {
        words: 'this machine has no such address',
        hint: 'Change `bindAddress` in `dev.ports`: 127.0.0.1 is this machine alone, 0.0.0.0 lets others in, too.',
      };
    default:
      return undefined;
  }
}

interface Destination {
  readonly target: Target;
  readonly port: number;
}

async function openWithinGap({ target, port }: Destination, { kube, signal }: ForwardRun): Promise<Duplex> {
  const startedAt = Date.now();
  const left = () => Math.max(0, startedAt + gapMs - Date.now());
  for (;;) {
    const container = await withDeadline(target.current(signal), left(), noPod);
    try {
      const remote = await kube.openPort(container, port, signal);
      remote.on('error', () => {});
      return remote;
    } catch (error) {
      target.lost(container);
      if (signal.aborted || left() === 0 || isHopeless(error)) throw error;
      await sleep(retryMs, signal);
    }
  }
}

/** Another try would be refused, too, and only let the client wait. */
const isHopeless = (error: unknown): boolean =>
  error instanceof UserError && ['KUBE_FORBIDDEN', 'KUBE_UNAUTHORIZED'].includes(error.code);

const noPod = (): UserError =>
  new UserError('TARGET_NOT_FOUND', `no pod to connect to came up within ${gapMs / 1000} seconds`);
