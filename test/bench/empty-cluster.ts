import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ClusterAnswers {
  readonly url: string;
  /** How many requests it answered. */
  requests(): number;
  close(): Promise<void>;
}

/** A server that answers as the API server of a cluster without pods does, over plain HTTP on a free port. */
export async function serveCluster(): Promise<ClusterAnswers> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const body = answerTo(request.url ?? '/');
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function answerTo(url: string): object | undefined {
  const { pathname } = new URL(url, 'http://cluster');
  if (pathname === '/api/v1') {
    const pods = { name: 'pods', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] };
    return { kind: 'APIResourceList', groupVersion: 'v1', resources: [pods] };
  }
  if (pathname.endsWith('/pods')) return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] };
  return undefined;
}
