import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { abortReason, sleep } from '../core/abort.ts';
import { systemErrorCode, UserError } from '../core/errors.ts';
import { refusalOf, refusedError, unreachableError } from './errors.ts';

/** Where the API server is and how one authenticates there. */
export interface Connection {
  readonly server: string;
  /** Asked anew for each request, since tokens expire and certificates are replaced. */
  authorize(): Promise<Authorization>;
  /** The server does not accept the credentials: gets new ones for the next request. Absent: there are no others. */
  renew?(): Promise<void>;
}

export interface Authorization {
  readonly tls: AgentOptions;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the server is reached directly. */
  readonly proxy?: HttpAgent;
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly contentType: string; readonly text: string };
  /** What is attempted, for the error: `apply Deployment app`. */
  readonly attempt: string;
  readonly signal: AbortSignal;
  /** `none`: what the server answers counts, also if it asks for patience. */
  readonly patience?: 'none';
}

export interface Upgraded {
  readonly socket: Socket;
  /** The first bytes of the new protocol, if they came with the answer. */
  readonly head: Buffer;
  /** The subprotocol that the server has chosen; empty if it says none. */
  readonly protocol: string;
}

export interface Rest {
  /** The body of a successful answer. Rejects with a `UserError` for every other one. */
  send(request: RestRequest): Promise<string>;
  /**
   * The body of a successful answer as it comes, for as long as the server sends. Fails if the connection breaks, or
   * with the reason of the signal. Whoever has it reads it or destroys it.
   */
  stream(request: RestRequest): Promise<IncomingMessage>;
  /** A socket that speaks another protocol from now on. */
  upgrade(request: RestRequest): Promise<Upgraded>;
  /** Whether the server answers anything at all within some seconds. */
  readonly isAlive: () => Promise<boolean>;
}

/** A server that does not even begin to answer within this time is reported as unreachable. */
const answerWithinMs = 30_000;
const maxErrorBody = 64 * 1024;
const keepAliveMs = 15_000;
const aliveWithinMs = 4_000;
/** A server that asks for patience, with `Retry-After`, is asked again so often, as kubectl does it, after so long at most. */
const mostRetries = 10;
const longestRetryMs = 10_000;

/**
 * Requests over kept-alive connections. The generated client of the library is not used for them: it drops fields it
 * does not know and opens a TLS connection per call (`docs/decisions/0002-own-rest-and-streams.md`).
 */
export function createRest(connection: Connection): Rest {
  const { server } = connection;
  const agents = keepAliveAgents(server);

  const open = async <T>(request: RestRequest, handlers: Handlers<T>): Promise<T> => {
    let renewed = connection.renew === undefined;
    let retries = 0;
    for (;;) {
      try {
        return await openOnce(request, handlers);
      } catch (error) {
        // the server (or a balancer before it) had closed the idle connection; it has not seen this request
        if (error instanceof StaleConnection) continue;
        const retryAfterMs = refusalOf(error)?.retryAfterMs;
        if (retryAfterMs !== undefined && retries < mostRetries && request.patience !== 'none') {
          retries += 1;
          await sleep(Math.min(retryAfterMs, longestRetryMs), request.signal);
          continue;
        }
        if (renewed || !(error instanceof UserError) || error.code !== 'KUBE_UNAUTHORIZED') throw error;
        // tokens expire while we run; new ones are asked for once per request
        renewed = true;
        await connection.renew?.();
      }
    }
  };
  const openOnce = async <T>(request: RestRequest, handlers: Handlers<T>): Promise<T> => {
    const { signal } = request;
    const authorization = await connection.authorize();
    if (signal.aborted) throw abortReason(signal);
    return new Promise<T>((resolve, reject) => {
      const message = startRequest(server, request, authorization, agents(authorization));
      const silence = setTimeout(
        () => message.destroy(new Error(`no answer within ${answerWithinMs / 1000} seconds`)),
        answerWithinMs,
      );
      const onAbort = () => message.destroy(abortReason(signal));
      const settled = (act: () => void) => {
        clearTimeout(silence);
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const fail = (error: unknown) => settled(() => reject(reasonOf(error, server, signal)));
      let answered = false;
      signal.addEventListener('abort', onAbort, { once: true });
      message.on('error', (error) => {
        const stale = message.reusedSocket && systemErrorCode(error) === 'ECONNRESET' && !answered;
        fail(stale && !signal.aborted ? new StaleConnection() : error);
      });
      message.once('response', (response) => {
        answered = true;
        clearTimeout(silence);
        response.once('error', fail);
        const settle = {
          resolve: (value: T) => settled(() => resolve(value)),
          reject: (error: Error) => settled(() => reject(error)),
        };
        handlers.answered(settle, response).catch(fail);
      });
      message.once('upgrade', ({ headers }, socket: Socket, head) => {
        const protocol = String(headers['sec-websocket-protocol'] ?? headers['x-stream-protocol-version'] ?? '');
        settled(() => handlers.upgraded({ resolve, reject }, { socket, head, protocol }));
      });
      message.end(request.body?.text);
    });
  };

  const refusal = async ({ attempt }: RestRequest, response: IncomingMessage) =>
    refusedError(attempt, response.statusCode ?? 0, await readBody(response), response.headers['retry-after']);
  const unasked =
    ({ attempt }: RestRequest): Handlers<unknown>['upgraded'] =>
    ({ reject }, { socket }) => {
      socket.destroy();
      reject(refusedError(attempt, 101, 'the server changed the protocol without being asked'));
    };

  const send: Rest['send'] = (request) =>
    open<string>(request, {
      async answered({ resolve, reject }, response) {
        if (isSuccess(response)) resolve(await readBody(response));
        else reject(await refusal(request, response));
      },
      upgraded: unasked(request),
    });

  return {
    send,
    isAlive: () =>
      send({
        method: 'GET',
        path: '/version',
        attempt: 'ask the server',
        patience: 'none',
        signal: AbortSignal.timeout(aliveWithinMs),
      }).then(
        () => true,
        (error: unknown) => refusalOf(error) !== undefined,
      ),
    stream: (request) =>
      open<IncomingMessage>(request, {
        async answered({ resolve, reject }, response) {
          if (!isSuccess(response)) return reject(await refusal(request, response));
          // a followed log may be silent for hours; this is how the end of its server is noticed
          response.socket.setKeepAlive(true, keepAliveMs);
          destroyOnAbort(response, request.signal);
          resolve(response);
        },
        upgraded: unasked(request),
      }),
    upgrade: (request) =>
      open<Upgraded>(request, {
        answered: async ({ reject }, response) => reject(await refusal(request, response)),
        upgraded: ({ resolve }, upgraded) => {
          upgraded.socket.setNoDelay(true);
          upgraded.socket.setKeepAlive(true, keepAliveMs);
          resolve(upgraded);
        },
      }),
  };
}

/** A kept-alive connection that turned out to be closed. Each one is met once, so trying again comes to an end. */
class StaleConnection extends Error {}

function reasonOf(error: unknown, server: string, signal: AbortSignal): Error {
  if (signal.aborted) return abortReason(signal);
  return error instanceof StaleConnection ? error : unreachableError(server, error);
}

interface Handlers<T> {
  answered(settle: Settle<T>, response: IncomingMessage): Promise<void>;
  upgraded(settle: Settle<T>, upgraded: Upgraded): void;
}

interface Settle<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

function startRequest(server: string, request: RestRequest, authorization: Authorization, agent: HttpAgent) {
  const url = new URL(server.replace(/\/$/, '') + request.path);
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  const { body } = request;
  const options = {
    agent,
    method: request.method,
    headers: {
      accept: 'application/json, */*',
      ...request.headers,
      ...authorization.headers,
      ...(body && { 'content-type': body.contentType, 'content-length': Buffer.byteLength(body.text) }),
    },
  };
  return url.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, { ...authorization.tls, ...options });
}

/** One agent as long as the TLS settings stay the same; a rotated client certificate gets a new one. */
function keepAliveAgents(server: string): (authorization: Authorization) => HttpAgent {
  const secure = !server.startsWith('http:');
  let current: { readonly key: string; readonly agent: HttpAgent } | undefined;
  return ({ tls, proxy }) => {
    if (proxy) return proxy;
    const key = [tls.cert, tls.key, tls.ca].map(String).join();
    if (current?.key !== key) {
      current?.agent.destroy();
      current = { key, agent: secure ? new Agent({ ...tls, keepAlive: true }) : new HttpAgent({ keepAlive: true }) };
    }
    return current.agent;
  };
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

function destroyOnAbort(response: IncomingMessage, signal: AbortSignal): void {
  const onAbort = () => response.destroy(abortReason(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  response.once('close', () => signal.removeEventListener('abort', onAbort));
}

async function readBody(response: IncomingMessage): Promise<string> {
  const success = isSuccess(response);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (success || bytes <= maxErrorBody) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
