import type { Duplex } from 'node:stream';
import { UserError } from '../../core/errors.ts';
import type { PodRef } from '../client.ts';
import type { Rest } from '../rest.ts';
import { closeOnAbort, createSpdyConnection } from './spdy-connection.ts';

/**
 * One connection to a port of a pod. It has a tunnel of its own, so a slow or broken connection harms no other, and
 * its backpressure reaches the server (our reference, `streams.md` section 1.5).
 */
export async function openPortOverSpdy(rest: Rest, pod: PodRef, port: number, signal: AbortSignal): Promise<Duplex> {
  const { socket, head } = await rest.upgrade({
    method: 'POST',
    path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.pod}/portforward`,
    headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' },
    attempt: `forward a port to pod ${pod.namespace}/${pod.pod}`,
    signal,
  });
  const connection = createSpdyConnection(socket, head);
  closeOnAbort(connection, signal);
  const request = { port: String(port), requestid: '0' };
  const errors = connection.open({ ...request, streamtype: 'error' });
  const data = connection.open({ ...request, streamtype: 'data' });
  errors.end();
  let words = '';
  errors.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  errors.on('error', () => {});
  errors.once('end', () => {
    if (words === '') return;
    data.destroy(new UserError('KUBE_STREAM', `Port ${port} of pod ${pod.namespace}/${pod.pod}: ${words.trim()}`));
  });
  data.once('close', () => connection.close());
  return data;
}
