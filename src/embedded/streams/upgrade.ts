import type { Duplex } from 'node:stream';
import type { ResourcePath } from '../api/request-info.ts';
import { isTrue } from '../api/request-info.ts';
import type { Resource } from '../api/resources.ts';
import { badRequest } from '../api/status.ts';
import { type ApiParts, containerOf, podOf } from '../api/subresources.ts';
import { forwardSpdy, tunnelProtocol } from './forward-session.ts';
import { serveProcess } from './process-session.ts';
import { spdyChannels } from './spdy-channels.ts';
import { acceptWebSocket, type Connection, offeredProtocols, toByteStream } from './web-socket.ts';
import { webSocketChannels } from './web-socket-channels.ts';

export interface Upgrade extends Connection {
  readonly path: ResourcePath;
  readonly resource: Resource;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
}

/**
 * Serves exec, attach and port-forward until the client or the process ends. Throws `StatusError` as long as nothing
 * was answered. WebSockets are spoken as servers from 1.31 on do, SPDY as all of them.
 */
export async function handleUpgrade(parts: ApiParts, upgrade: Upgrade): Promise<void> {
  const { socket, signal } = upgrade;
  const end = () => socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    if (upgrade.path.subresource === 'portforward') await serveForward(parts, upgrade);
    else await serveContainer(parts, upgrade);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function serveContainer({ objects, runtime }: ApiParts, upgrade: Upgrade): Promise<void> {
  const { query, path, request } = upgrade;
  const pod = podOf(objects, upgrade);
  const container = containerOf(pod, query.get('container'));
  const flags = {
    stdin: has(query, 'stdin'),
    stdout: has(query, 'stdout'),
    stderr: has(query, 'stderr'),
    tty: has(query, 'tty'),
  };
  if (!flags.stdin && !flags.stdout && !flags.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  if (flags.tty) flags.stderr = false;
  const command = query.getAll('command');
  if (path.subresource === 'exec' && command.length === 0) throw badRequest('you must specify at least 1 of command');
  runtime.assertRunning(pod, container);
  let channels;
  if (isWebSocket(request.headers.upgrade)) {
    const protocol = chooseProtocol(offeredProtocols(request));
    if (!protocol) return refuseProtocol(upgrade.socket);
    channels = webSocketChannels(acceptWebSocket(upgrade, protocol), { ...flags, protocol });
  } else {
    acceptSpdy(upgrade, 'v4.channel.k8s.io');
    channels = await spdyChannels(upgrade.socket, upgrade.head, flags);
  }
  const { sizes } = channels;
  const start = async (stop: AbortSignal) => {
    if (path.subresource === 'attach') return runtime.attach(pod, container);
    const tty = flags.tty ? await sizes.first() : undefined;
    return runtime.exec(pod, container, { command, stdin: flags.stdin, tty, signal: stop });
  };
  await serveProcess(channels, start, path.subresource === 'attach' ? 'attach' : 'exec');
}

function has(query: URLSearchParams, name: string): boolean {
  return isTrue(query.get(name));
}

function isWebSocket(upgrade: string | undefined): boolean {
  return upgrade?.toLowerCase() === 'websocket';
}

/** Version 5 wins wherever it stands in the list: the translator of real servers speaks nothing else. */
function chooseProtocol(offered: readonly string[]): string | undefined {
  if (offered.includes('v5.channel.k8s.io')) return 'v5.channel.k8s.io';
  return offered.find((name) => name === 'v4.channel.k8s.io');
}

/** What golang.org/x/net does with a list that it does not know: 403 and no word. */
function refuseProtocol(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

function acceptSpdy({ socket, request }: Connection, protocol: string): void {
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1') throw badRequest('Upgrade request required');
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
    .split(',')
    .map((name) => name.trim());
  const isOffered = request.headers['x-stream-protocol-version'] === undefined || offered.includes(protocol);
  if (!isOffered) {
    socket.end(`HTTP/1.1 403 Forbidden\r\nX-Accept-Stream-Protocol-Versions: ${protocol}\r\nContent-Length: 0\r\n\r\n`);
    throw badRequest('unable to upgrade: unsupported protocol');
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
}

async function serveForward({ objects, runtime }: ApiParts, upgrade: Upgrade): Promise<void> {
  const { request, socket, head } = upgrade;
  const pod = podOf(objects, upgrade);
  runtime.assertRunning(pod, undefined);
  const target = { pod, runtime };
  if (!isWebSocket(request.headers.upgrade)) {
    acceptSpdy(upgrade, 'portforward.k8s.io');
    return forwardSpdy(socket, head, target);
  }
  const offered = offeredProtocols(request);
  if (offered.includes(tunnelProtocol)) {
    return forwardSpdy(toByteStream(acceptWebSocket(upgrade, tunnelProtocol)), Buffer.alloc(0), target);
  }
  refuseProtocol(socket);
}
