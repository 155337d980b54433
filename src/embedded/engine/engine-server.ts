import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { errorText } from '../../core/errors.ts';
import type { Handle } from '../../core/lifetime.ts';
import { createFaults, type EngineFaults } from '../faults/faults.ts';
import { removeFolder } from '../sandbox/remove-folder.ts';
import { EngineError } from './engine-error.ts';
import type { Route } from './route.ts';
import { engineRoutes, type RouteOptions } from './routes.ts';

export interface EngineOptions extends RouteOptions {
  /** A Unix socket of at most 107 bytes, or a port of 127.0.0.1 (0 for any). */
  readonly listen: { readonly socketPath: string } | { readonly port: number };
  readonly faults: EngineFaults;
}

export interface EngineHandle extends Handle {
  /** What `DOCKER_HOST` is set to: `unix:///…` or `tcp://127.0.0.1:…`. Complete once `ready` resolved. */
  host(): string;
}

export function createEngineFaults(): EngineFaults {
  return createFaults((code, message) => new EngineError(code, message));
}

/**
 * The Docker Engine API over the image store and the sandbox. `close()` cancels running builds and resolves when
 * they, all connections and the socket are gone.
 */
export function startEngine(options: EngineOptions): EngineHandle {
  const closing = new AbortController();
  const routes = engineRoutes(options);
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = answer({ routes, faults: options.faults, request, response, signal: closing.signal });
    running.add(work);
    work.finally(() => running.delete(work)).catch(() => {});
  });
  const { listen } = options;
  const ready = removeFolder(path.join(options.folder, 'builds')).then(() => listenOn(server, listen));
  ready.catch(() => {});
  const done = new Promise<void>((resolve) => server.once('close', () => resolve()));
  let closed: Promise<void> | undefined;
  const close = async () => {
    await ready.catch(() => {});
    closing.abort();
    await Promise.allSettled(running);
    await closeServer(server);
  };
  return { ready, done, host: () => toHost(server, listen), close: () => (closed ??= close()) };
}

function listenOn(server: Server, listen: EngineOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if ('socketPath' in listen) {
      rmSync(listen.socketPath, { force: true });
      server.listen(listen.socketPath, () => {
        chmodSync(listen.socketPath, 0o600);
        resolve();
      });
    } else server.listen(listen.port, '127.0.0.1', resolve);
  });
}

function toHost(server: Server, listen: EngineOptions['listen']): string {
  if ('socketPath' in listen) return `unix://${listen.socketPath}`;
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Exchange {
  readonly routes: readonly Route[];
  readonly faults: EngineFaults;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

async function answer({ routes, faults, request, response, signal }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => {});
  const url = new URL(request.url ?? '/', 'http://engine');
  const pathname = decodeURIComponent(url.pathname).replace(/^\/v\d+\.\d+(?=\/)/, '');
  response.setHeader('Api-Version', '1.41');
  response.setHeader('Docker-Experimental', 'false');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', 'Docker/20.10 (devspace embedded)');
  try {
    await faults.beforeRequest({ verb: (request.method ?? '').toLowerCase(), path: pathname }, request.socket);
    for (const route of routes) {
      const match =
        route.method === request.method || (route.method === 'GET' && request.method === 'HEAD')
          ? route.path.exec(pathname)
          : null;
      if (!match) continue;
      const both = AbortSignal.any([signal, gone.signal]);
      await route.handle({ request, response, name: match[1] ?? '', query: url.searchParams, signal: both });
      return;
    }
    throw new EngineError(404, 'page not found');
  } catch (error) {
    fail(response, error);
  }
}

/** Before the first byte a failure is a status and a message, after it the last line of the stream. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const message = errorText(error);
  if (response.headersSent) {
    const code = error instanceof EngineError ? error.exitCode : undefined;
    response.end(
      `${JSON.stringify({ errorDetail: { ...(code === undefined ? {} : { code }), message }, error: message })}\r\n`,
    );
    return;
  }
  // no `Connection: close`: who is still sending would see a broken connection instead of the answer
  response.writeHead(error instanceof EngineError ? error.status : 500, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify({ message })}\n`);
}
