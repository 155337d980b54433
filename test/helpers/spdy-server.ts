import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from './certificate.ts';
import { type Peer, type PeerStream, speakSpdy } from './spdy-peer.ts';

/** How the server ends an exec whose process has ended. */
export type ExecEnd =
  /** Every stream with FIN, then the connection. */
  | 'fin'
  /** The status, then RST_STREAM for each stream and the connection, as servers of 1.20 do. */
  | 'reset'
  /** The socket is destroyed before the status is sent. */
  | 'cut';

export interface SpdyServerOptions {
  readonly protocol?: 'http' | 'https';
  readonly end?: ExecEnd;
  /** Answers upgrades with this instead of 101. */
  readonly refuse?: { readonly status: number; readonly body: string };
  /** Requests that are no upgrade. */
  readonly onRequest?: RequestListener;
  /** Takes the exec over: no process is started. */
  onExec?(exec: { readonly streams: ReadonlyMap<string, PeerStream>; readonly socket: Socket }): void;
}

export interface SpdyServer {
  readonly url: string;
  readonly upgrades: readonly IncomingMessage[];
  readonly processes: readonly ChildProcess[];
  readonly peers: readonly Peer[];
  /** What came on resize streams, as text. */
  readonly sizes: readonly string[];
  /** Open connections of clients. */
  readonly sockets: ReadonlySet<Socket>;
}

/**
 * A small API server that speaks SPDY/3.1 for exec and port-forward. Containers are processes of this machine, ports
 * of pods are ports of this machine. It is closed when the test ends.
 */
export async function startSpdyServer(options: SpdyServerOptions = {}): Promise<SpdyServer> {
  const onRequest: RequestListener = options.onRequest ?? ((_request, response) => response.writeHead(404).end());
  const secure = options.protocol === 'https';
  const server = secure ? createTlsServer(certificate, onRequest) : createServer(onRequest);
  const upgrades: IncomingMessage[] = [];
  const processes: ChildProcess[] = [];
  const peers: Peer[] = [];
  const sizes: string[] = [];
  const sockets = new Set<Socket>();

  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    if (!options.refuse && request.headers.upgrade === 'websocket') {
      // what servers before 1.30 answer to a subprotocol that they do not know
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      socket.resume();
      return;
    }
    upgrades.push(request);
    if (options.refuse) {
      const { status, body } = options.refuse;
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return;
    }
    socket.setNoDelay(true);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
    const url = new URL(request.url ?? '', 'http://server');
    peers.push(url.pathname.endsWith('/exec') ? serveExec(url, socket) : speakSpdy(socket, forwardStreams(socket)));
  });

  const serveExec = (url: URL, socket: Socket): Peer => {
    const { searchParams: query } = url;
    const wanted = ['error', 'stdout', ...(query.get('stdin') === 'true' ? ['stdin'] : [])];
    if (query.get('stderr') === 'true') wanted.push('stderr');
    if (query.get('tty') === 'true') wanted.push('resize');
    const streams = new Map<string, PeerStream>();
    return speakSpdy(socket, (stream) => {
      streams.set(stream.headers['streamtype'] ?? '', stream);
      if (!wanted.every((name) => streams.has(name))) return;
      streams.get('resize')?.on('data', (chunk: Buffer) => sizes.push(chunk.toString()));
      if (options.onExec) options.onExec({ streams, socket });
      else processes.push(runProcess(query.getAll('command'), streams, { socket, end: options.end ?? 'fin' }));
    });
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const child of processes) if (child.exitCode === null) child.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${options.protocol ?? 'http'}://127.0.0.1:${port}`, upgrades, processes, peers, sizes, sockets };
}

function runProcess(
  [program = 'true', ...args]: readonly string[],
  streams: ReadonlyMap<string, PeerStream>,
  { socket, end }: { readonly socket: Socket; readonly end: ExecEnd },
): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const stdin = streams.get('stdin');
  if (stdin) stdin.pipe(child.stdin);
  else child.stdin.end();
  child.stdin.on('error', () => {});
  const pipeOut = (from: NodeJS.ReadableStream, to: PeerStream | undefined) =>
    to ? from.pipe(to, { end: false }) : from.resume();
  pipeOut(child.stdout, streams.get('stdout'));
  pipeOut(child.stderr, streams.get('stderr') ?? streams.get('stdout'));
  socket.once('close', () => child.kill('SIGKILL'));
  child.once('error', (error) => finish(failure(error.message)));
  child.once('close', (code, signal) => finish(exitStatus(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15))));
  const finish = (status: unknown) => {
    if (end === 'cut') {
      socket.destroy();
      return;
    }
    const error = streams.get('error');
    error?.write(JSON.stringify(status));
    if (end === 'reset') for (const stream of streams.values()) stream.reset();
    else for (const stream of streams.values()) stream.end();
    socket.end();
  };
  return child;
}

/** The status of an ended process, as API servers write it. */
export function exitStatus(code: number): unknown {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

export const failure = (message: string): unknown => ({
  metadata: {},
  status: 'Failure',
  message,
  reason: 'InternalError',
  code: 500,
});

function forwardStreams(socket: Socket): (stream: PeerStream) => void {
  let errors: PeerStream | undefined;
  socket.setMaxListeners(0);
  return (stream) => {
    if (stream.headers['streamtype'] === 'error') {
      errors = stream;
      return;
    }
    const pod = connect({ host: '127.0.0.1', port: Number(stream.headers['port']), allowHalfOpen: true });
    stream.pipe(pod).pipe(stream);
    pod.on('error', (error) => {
      errors?.end(`an error occurred forwarding: ${error.message}`);
      stream.reset();
    });
    pod.once('end', () => errors?.end());
    stream.once('reset', () => pod.resetAndDestroy());
    socket.once('close', () => pod.destroy());
  };
}
