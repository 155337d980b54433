import type { Duplex } from 'node:stream';
import { errorText } from '../../core/errors.ts';
import type { PodRuntime } from '../api/pod-runtime.ts';
import type { Pod } from '../api/pod-types.ts';
import { type SpdyStream, serveSpdy } from './spdy.ts';
import { type WebSocketEnd, write } from './web-socket.ts';

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

/** The old way: two channels for each port, one TCP connection for each, and no half-close. */
export async function forwardWebSocket(
  socket: WebSocketEnd,
  ports: readonly number[],
  { pod, runtime }: ForwardTarget,
): Promise<void> {
  const stop = new AbortController();
  const send = (channel: number, data: Buffer) => socket.send(Buffer.concat([Buffer.from([channel]), data]));
  const connections = ports.map(async (port, index) => {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    await send(2 * index, number);
    await send(2 * index + 1, number);
    return runtime.connect(pod, port, stop.signal);
  });
  const download = connections.map(async (opening, index) => {
    try {
      const connection = await opening;
      connection.on('error', () => {});
      for await (const chunk of connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
        await send(2 * index, chunk);
    } catch (error) {
      if (!stop.signal.aborted) await send(2 * index + 1, Buffer.from(refusal(pod, ports[index] ?? 0, error)));
    }
  });
  const upload = async (): Promise<void> => {
    for await (const message of socket.messages()) {
      const connection = await connections[(message[0] ?? 0) / 2]?.catch(() => undefined);
      if (connection) await write(connection, message.subarray(1));
    }
  };
  await Promise.race([Promise.all(download), upload().catch(() => {})]);
  stop.abort();
  for (const opening of connections)
    opening.then(
      (connection) => connection.destroy(),
      () => {},
    );
  await socket.close();
}
