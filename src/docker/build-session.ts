import { randomUUID } from 'node:crypto';
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RegistryCredentials } from './client.ts';
import { encodeTexts, fieldsOf } from './protobuf.ts';

/** Finds the login for a registry, as image names have it (`docker.io`, `localhost:5000`). */
export type FindLogin = (registry: string) => Promise<RegistryCredentials | undefined>;

/** What BuildKit asks back while it builds. */
export interface BuildSession {
  /** A login could not be read; then BuildKit knows only that there is none. */
  readonly failure: unknown;
  close(): void;
}

const login = '/moby.filesync.v1.Auth/Credentials';
const health = '/grpc.health.v1.Health/Check';
const [grpcOk, grpcInternal, grpcUnimplemented] = [0, 13, 12];

/** The headers of `POST /session` that tell the engine who serves what. */
export function sessionHeaders(id: string): Record<string, string | string[]> {
  return {
    Upgrade: 'h2c',
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'devspace',
    'X-Docker-Expose-Session-Grpc-Method': [login, health],
  };
}

export const newSessionId = (): string => randomUUID();

/**
 * Serves BuildKit on the upgraded connection of `POST /session`: gRPC calls over HTTP/2 that ask for the login of one
 * registry, and whether we are alive (without that answer BuildKit drops the session within seconds). The session of
 * the library knows neither that nor more than one registry.
 */
export function serveBuildSession(socket: Duplex, findLogin: FindLogin): BuildSession {
  const session: ServerHttp2Session = http2.performServerHandshake(socket);
  let failure: unknown;
  const onLogin = async (message: Buffer): Promise<Buffer> => {
    try {
      return await answerLogin(message, findLogin);
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  session.on('error', () => {});
  socket.on('error', () => {});
  session.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answerCall(stream, headers[':path'] ?? '', onLogin).catch(() => answer(stream, grpcInternal));
  });
  return {
    get failure() {
      return failure;
    },
    close() {
      session.destroy();
      socket.destroy();
    },
  };
}

async function answerCall(
  stream: ServerHttp2Stream,
  path: string,
  onLogin: (message: Buffer) => Promise<Buffer>,
): Promise<void> {
  // a call is one message after 5 bytes: whether it is compressed, and its length
  const message = (await buffer(stream)).subarray(5);
  if (path === login) answer(stream, grpcOk, await onLogin(message));
  else if (path === health) answer(stream, grpcOk, Buffer.from([0x08, 0x01]));
  else answer(stream, grpcUnimplemented);
}

function answer(stream: ServerHttp2Stream, status: number, message?: Buffer): void {
  if (stream.destroyed) return;
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if (!message) return stream.respond({ ...headers, 'grpc-status': String(status) }, { endStream: true });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  stream.end(Buffer.concat([prefix, message]));
}

/** `CredentialsRequest { Host = 1 }` to `CredentialsResponse { Username = 1, Secret = 2 }`; a token has no user. */
async function answerLogin(message: Buffer, findLogin: FindLogin): Promise<Buffer> {
  let host = '';
  for (const [number, value] of fieldsOf(message)) if (number === 1) host = value.toString();
  const found = await findLogin(host === 'registry-1.docker.io' ? 'docker.io' : host);
  if (found?.identitytoken !== undefined) return encodeTexts('', found.identitytoken);
  return encodeTexts(found?.username ?? '', found?.password ?? '');
}
