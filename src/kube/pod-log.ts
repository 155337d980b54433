import { PassThrough, pipeline, type Readable } from 'node:stream';
import { errorText, isCancelled, UserError } from '../core/errors.ts';
import type { LogOptions, LogStreamOptions } from './client.ts';
import type { ContainerRef } from './objects.ts';
import type { Rest, RestRequest } from './rest.ts';

/** See `KubeClient.readLog`. */
export function readLog(rest: Rest, container: ContainerRef, options: LogOptions): Promise<string> {
  const { tailLines, run, signal } = options;
  return rest.send(logRequest(container, { tailLines, previous: run === 'previous', signal }));
}

/** See `KubeClient.streamLog`. */
export async function openLog(rest: Rest, container: ContainerRef, options: LogStreamOptions): Promise<Readable> {
  const response = await rest.stream(logRequest(container, options));
  const output = new PassThrough();
  pipeline(response, output, () => {});
  response.prependListener('error', (error) => {
    if (output.destroyed) return;
    output.destroy(isCancelled(error) ? error : brokenLog(container, error));
  });
  return output;
}

const brokenLog = ({ namespace, pod, container }: ContainerRef, error: unknown) =>
  new UserError(
    'KUBE_STREAM',
    `The log of pod ${namespace}/${pod}, container ${container}, broke off: ${errorText(error)}`,
    { cause: error },
  );

function logRequest(
  { namespace, pod, container }: ContainerRef,
  { follow, sinceSeconds, sinceTime, tailLines, previous, timestamps, signal }: LogStreamOptions,
): RestRequest {
  const wanted = { container, follow, sinceSeconds, sinceTime, tailLines, previous, timestamps };
  const query = Object.entries(wanted)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => [name, String(value)] as const);
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
  return { method: 'GET', path, query, attempt: `read the log of pod ${namespace}/${pod}`, signal };
}
