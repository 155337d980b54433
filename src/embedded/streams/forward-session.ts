import type { Duplex } from 'node:stream';
import { errorText } from '../../core/errors.ts';
import type { PodRuntime } from '../api/pod-runtime.ts';
import type { Pod } from '../api/pod-types.ts';
import { type SpdyStream, serveSpdy } from './spdy.ts';

export interface ForwardTarget {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
}

/** The subprotocol that carries SPDY inside a WebSocket (Kubernetes KEP-4006). */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

/** Two SPDY streams with one `requestid` make a connection: `data` carries it, `error` tells why it failed. */
export async function forwardSpdy(socket: Duplex, head: Buffer, target: ForwardTarget): Promise<void> {
  const waiting = new Map<string, SpdyStream>();
  const stop = new AbortController();
  const ended = serveSpdy(socket, head, (opened) => {
    opened.stream.on('error', () => {});
    const id = opened.headers['requestid'] ?? String(opened.id);
    const other = waiting.get(id);
    if (!other) {
      waiting.set(id, opened);
      return;
    }
    waiting.delete(id);
    const isData = opened.headers['streamtype'] === 'data';
    const data = isData ? opened : other;
    const error = isData ? other : opened;
    error.stream.resume();
    connectStream(
      { data: data.stream, error: error.stream, port: Number(data.headers['port']) },
      target,
      stop.signal,
    ).catch(() => {
      data.stream.destroy(new Error('broken'));
    });
  });
  await ended.catch(() => {});
  stop.abort();
}

interface ForwardStreams {
  readonly data: Duplex;
  readonly error: Duplex;
  readonly port: number;
}

async function connectStream(
  { data, error, port }: ForwardStreams,
  { pod, runtime }: ForwardTarget,
  signal: AbortSignal,
): Promise<void> {
  let connection: Duplex;
  try {
    connection = await runtime.connect(pod, port, signal);
  } catch (cause) {
    error.end(refusal(pod, port, cause));
    data.resume();
    data.end();
    return;
  }
  error.end();
  connection.on('error', () => data.destroy(new Error('reset')));
  connection.on('close', () => {
    if (!data.writableEnded) data.end();
  });
  data.on('close', () => connection.destroy());
  data.pipe(connection);
  connection.pipe(data);
}

/** The words of a kubelet whose runtime cannot connect. */
function refusal(pod: Pod, port: number, cause: unknown): string {
  const { name, namespace, uid } = pod.metadata;
  return `error forwarding port ${port} to pod ${uid ?? `${namespace}/${name}`}, uid : failed to execute portforward in network namespace: failed to connect to localhost:${port} inside namespace ${JSON.stringify(uid ?? '')}: ${errorText(cause)}`;
}
