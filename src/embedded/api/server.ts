import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { defer } from '../../core/deferred.ts';
import { errorText } from '../../core/errors.ts';
import type { Handle } from '../../core/lifetime.ts';
import type { Faults } from '../faults/faults.ts';
import { handleUpgrade } from '../streams/upgrade.ts';
import type { User } from './auth.ts';
import type { Answer, Call } from './call.ts';
import type { KeyPair } from './certificates.ts';
import { createObject, patchObject, removeCollection, removeObject, replaceObject } from './change.ts';
import { discover, serverVersion } from './discovery.ts';
import { checkMediaTypes, checkMethod } from './negotiate.ts';
import { asObject, type JsonObject } from './objects.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { forbiddenFor, impersonated, isAllowed } from './rbac.ts';
import { getObject, listObjects, watchObjects } from './read.ts';
import { type RequestInfo, toRequestInfo } from './request-info.ts';
import { answerReview, reviewKinds } from './reviews.ts';
import { noSuchPath, StatusError } from './status.ts';
import { type ApiParts, handleSubresource } from './subresources.ts';

export interface ApiServerOptions extends ApiParts {
  readonly identity: KeyPair;
  /** Signs the client certificates that are accepted. */
  readonly authority: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly faults: Faults;
  readonly signal: AbortSignal;
}

export interface ApiServer extends Handle {
  readonly port: number;
}

const largestBody = 3 * 1024 * 1024;

/** Serves the API over HTTPS on 127.0.0.1; resolves when it listens. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { identity, authority, faults } = options;
  const closing = new AbortController();
  const server = createServer({
    cert: identity.certificate,
    key: identity.key,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  const sockets = new Set<Duplex>();
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve({ ...options, signal: closing.signal }, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade({ ...options, signal: closing.signal }, request, { socket, head }).catch(() => socket.destroy());
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stopped = defer<void>();
  let back: NodeJS.Timeout | undefined;

  let ending: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    options.signal.removeEventListener('abort', onAbort);
    clearTimeout(back);
    closing.abort();
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    stopped.resolve();
  };
  const onAbort = () => {
    ending ??= close();
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  faults.onRestart((downMs) => {
    if (downMs > 0 && server.listening) {
      server.close();
      back = setTimeout(() => server.listen(port, '127.0.0.1'), downMs);
    }
    for (const socket of sockets) socket.destroy();
  });
  return {
    port,
    ready: Promise.resolve(),
    done: stopped.promise,
    close: () => (ending ??= close()),
  };
}

/** Who asks for what, checked against token and rules. Throws 401 or 403. */
function admit(
  { authenticator, objects }: ApiParts,
  request: IncomingMessage,
): { user: User; info: RequestInfo; url: URL } {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  const info = toRequestInfo(request.method ?? 'GET', url);
  const user = impersonated(objects.store, identify(authenticator, request), request.headers);
  if (!isAllowed(objects.store, user, info)) throw forbiddenFor(user, info);
  return { user, info, url };
}

function identify(authenticator: ApiParts['authenticator'], { socket, headers }: IncomingMessage): User {
  const { authorized } = socket as TLSSocket;
  const certificate = authorized ? (socket as TLSSocket).getPeerX509Certificate() : undefined;
  return authenticator.identify({ authorization: headers.authorization, certificate });
}

async function serve(options: ApiServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const { user, info, url } = admit(options, request);
    await options.faults.beforeRequest(info, request.socket);
    const body = await readBody(request);
    const call = {
      info,
      query: url.searchParams,
      user,
      accept: request.headers.accept ?? '',
      contentType: request.headers['content-type'] ?? 'application/json',
      userAgent: request.headers['user-agent'] ?? '',
      body,
      signal: gone.signal,
    };
    checkMethod(info);
    checkMediaTypes(info, call);
    const answer = route(options, call);
    if ('stream' in answer) await answer.stream(response);
    else send(response, answer.code, answer);
  } catch (error) {
    if (!response.headersSent) send(response, toStatusError(error).code, { body: toStatusError(error).toStatus() });
    else response.destroy();
  }
}

/** A mistake of ours is told as 500 and never ends the server. */
function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError(500, 'InternalError', `Internal error occurred: ${errorText(error)}`, {
    causes: [{ reason: '', message: errorText(error) }],
  });
}

function send(
  response: ServerResponse,
  code: number,
  { body, warnings = [] }: { body: JsonObject; warnings?: readonly string[] },
): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-cache, private',
    ...(code === 413 ? { Connection: 'close' } : {}),
    ...retryAfter(body),
    ...(warnings.length > 0 ? { Warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) } : {}),
  });
  response.end(text);
}

/** A refusal that passes says when. */
function retryAfter({ details }: JsonObject): { 'Retry-After'?: string } {
  const seconds = asObject(details)['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds > 0 ? { 'Retry-After': String(seconds) } : {};
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) {
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${largestBody}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type OpenCall = Omit<Call, 'path' | 'resource'>;

function route(parts: ApiParts, call: OpenCall): Answer {
  const { resources, store } = parts.objects;
  const path = call.info.resource;
  if (!path && isHealth(call.info)) return { stream: tellHealth };
  if (!path) return { code: 200, body: readPath(parts, call) };
  const resource = resources.find(path.group, path.version, path.plural);
  if (!resource) {
    const review = reviewKinds.find(({ group, plural }) => group === path.group && plural === path.plural);
    if (!review || call.info.verb !== 'create') throw noSuchPath();
    const { user } = call;
    return answerReview(review.kind, call, {
      store,
      user,
      namespace: path.namespace,
    });
  }
  const full: Call = { ...call, path, resource };
  if (path.subresource !== '') return handleSubresource(parts, full);
  return handleObject(parts, full);
}

function handleObject({ objects }: ApiParts, call: Call): Answer {
  switch (call.info.verb) {
    case 'get':
      return getObject(objects, call);
    case 'list':
      return listObjects(objects, call);
    case 'watch':
      return watchObjects(objects, call);
    case 'create':
      return createObject(objects, call);
    case 'update':
      return replaceObject(objects, call);
    case 'patch':
      return patchObject(objects, call);
    case 'delete':
      return removeObject(objects, call);
    default:
      return removeCollection(objects, call);
  }
}

function isHealth({ path }: RequestInfo): boolean {
  return ['/healthz', '/livez', '/readyz'].includes(path);
}

function tellHealth(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end('ok');
  return Promise.resolve();
}

function readPath({ objects }: ApiParts, { info }: OpenCall): JsonObject {
  const path = info.path.replace(/\/+$/, '');
  if (path === '/version') return serverVersion;
  if (path === '/openapi/v3') return openApiIndex(objects.resources);
  const found = path.startsWith('/openapi/v3/')
    ? openApiDocument(objects.resources, path.slice('/openapi/v3/'.length))
    : discover(objects.resources, path);
  if (!found) throw noSuchPath();
  return found;
}

async function upgrade(
  options: ApiServerOptions,
  request: IncomingMessage,
  connection: { socket: Duplex; head: Buffer },
): Promise<void> {
  const { socket } = connection;
  try {
    const { info, url } = admit(options, request);
    await options.faults.beforeRequest(info, request.socket);
    const path = info.resource;
    const resource = path && options.objects.resources.find(path.group, path.version, path.plural);
    if (!path || !resource || !['exec', 'attach', 'portforward'].includes(path.subresource)) throw noSuchPath();
    await handleUpgrade(options, {
      request,
      ...connection,
      path,
      resource,
      query: url.searchParams,
      signal: options.signal,
    });
  } catch (error) {
    if (socket.writable) refuse(socket, toStatusError(error));
  }
}

function refuse(socket: Duplex, error: StatusError): void {
  const status = error.toStatus();
  const text = JSON.stringify(status);
  const later = Object.entries(retryAfter(status)).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${error.code} ${error.reason || 'Error'}\r\nContent-Type: application/json\r\n${later.join('')}`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`);
}
