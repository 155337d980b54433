import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../core/error-codes.ts';
import { UserError } from '../../core/errors.ts';
import type { PodRef } from '../client.ts';
import type { Upgraded } from '../rest.ts';
import type { ChannelStream } from './channel-stream.ts';
import { closeOnAbort } from './close-on-abort.ts';
import { createSpdyConnection } from './spdy-connection.ts';
import { tunnelThroughWebSocket } from './web-socket.ts';

export interface PortTunnelOptions {
  readonly pod: PodRef;
  readonly upgraded: Upgraded;
  readonly transport: 'spdy' | 'websocket';
  readonly signal: AbortSignal;
  isServerAlive(): Promise<boolean>;
}

/** A connection to the API server through which connections to ports of one pod go. */
export interface PortTunnel {
  readonly pod: PodRef;
  readonly signal: AbortSignal;
  /** Connections that are open now. */
  readonly connections: number;
  /** It takes no further connection: one of those that it has moves a lot, or it is about to end. */
  readonly isFull: boolean;
  connect(port: number): Duplex;
  readonly closed: Promise<Error | undefined>;
}

/** An unused tunnel is closed after this time, and does not keep the process. */
const idleMs = 60_000;
/** Whoever moves this much shall not share its tunnel with others from then on. */
const muchBytes = 4 * 1024 * 1024;

export function createPortTunnel(options: PortTunnelOptions): PortTunnel {
  const { pod, upgraded, transport, signal, isServerAlive } = options;
  const carried = transport === 'spdy';
  const connection = createSpdyConnection({
    socket: carried ? upgraded.socket : tunnelThroughWebSocket(upgraded.socket, upgraded.head),
    head: carried ? upgraded.head : Buffer.alloc(0),
    streams: 'apart',
    isServerAlive,
  });
  closeOnAbort(connection, signal);
  const live = new Set<ChannelStream>();
  let nextRequest = 0;
  let isRetired = false;
  let idle: NodeJS.Timeout | undefined;

  const retire = () => {
    isRetired = true;
    clearTimeout(idle);
    connection.close();
  };
  const rest = () => {
    upgraded.socket.unref();
    idle = setTimeout(retire, idleMs).unref();
  };
  const release = (data: ChannelStream) => {
    live.delete(data);
    if (live.size === 0 && !isRetired) rest();
  };
  rest();
  connection.closed.then(retire, retire);

  const connect = (port: number): Duplex => {
    clearTimeout(idle);
    upgraded.socket.ref();
    const request = { port: String(port), requestid: String(nextRequest++) };
    const { errors, data } = connection.together(() => {
      const pair = {
        errors: connection.open({ ...request, streamtype: 'error' }),
        data: connection.open({ ...request, streamtype: 'data' }),
      };
      pair.errors.end();
      return pair;
    });
    live.add(data);
    data.once('close', () => {
      errors.destroy();
      release(data);
    });
    tellErrors(errors, data, `Port ${port} of pod ${pod.namespace}/${pod.pod}`);
    return data;
  };

  return {
    pod,
    signal,
    get connections() {
      return live.size;
    },
    get isFull() {
      return isRetired || [...live].some(({ moved }) => moved > muchBytes);
    },
    connect,
    closed: connection.closed,
  };
}

/**
 * What the kubelet writes on the error stream, in one piece, breaks the connection, with its words. At once: the end of
 * the data may follow right behind it, and a connection that has ended cannot fail any more.
 */
function tellErrors(errors: Duplex, data: Duplex, what: string): void {
  errors.once('data', (chunk: Buffer) => {
    const words = chunk.toString();
    data.destroy(new UserError(failureCode(words), `${what}: ${words.trim()}`));
  });
  errors.on('error', () => {});
}

/** How kubelets and container runtimes say that no connection was made, because the pod is not there (any more). */
const neverMade =
  /not running|not found|no such (container|process|file)|failed to (connect|dial|find|enter|open)|unable to do port forwarding|E connect\(/i;

function failureCode(words: string): ErrorCode {
  if (/connection refused|ECONNREFUSED/i.test(words)) return 'PORT_REFUSED';
  return neverMade.test(words) ? 'CONTAINER_NOT_RUNNING' : 'KUBE_STREAM';
}
