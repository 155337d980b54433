import https from 'node:https';
import { type Authenticator, createAuthenticator } from '../../src/embedded/api/auth.ts';
import { type Authority, createAuthority } from '../../src/embedded/api/certificates.ts';
import type { Json, JsonObject, KubeObject, ObjectMeta } from '../../src/embedded/api/objects.ts';
import type { PodRuntime } from '../../src/embedded/api/pod-runtime.ts';
import { createResources } from '../../src/embedded/api/resources.ts';
import { startApiServer } from '../../src/embedded/api/server.ts';
import { statusOfCode } from '../../src/embedded/api/status.ts';
import { createStore } from '../../src/embedded/api/store.ts';
import { createObjects, type Objects } from '../../src/embedded/api/write.ts';
import { bootstrap } from '../../src/embedded/bootstrap.ts';
import { createFaults, type Faults } from '../../src/embedded/faults/faults.ts';

/** What answers may hold; each has a part of it. */
export interface Body extends KubeObject {
  metadata: ObjectMeta & { continue?: string; remainingItemCount?: number };
  spec: JsonObject;
  status: JsonObject;
  data: Record<string, string>;
  items: Body[];
  message: string;
  rows: { cells: Json[] }[];
  resources: JsonObject[];
  gitVersion: string;
}

export interface ApiAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

export interface TestApi {
  readonly objects: Objects;
  readonly authenticator: Authenticator;
  readonly authority: Authority;
  readonly faults: Faults;
  readonly port: number;
  request(
    method: string,
    path: string,
    body?: JsonObject | JsonObject[] | string,
    options?: RequestSettings,
  ): Promise<ApiAnswer>;
  /** Lines of a watch or log as they come. */
  stream(path: string): {
    lines: string[];
    until(test: (lines: string[]) => boolean): Promise<string[]>;
    close(): void;
    ended: Promise<void>;
  };
  close(): Promise<void>;
}

export interface RequestSettings {
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
  readonly cert?: { certificate: string; key: string };
}

const noRuntime: PodRuntime = {
  assertRunning: () => {},
  log: () => {
    throw new Error('no logs here');
  },
  exec: () => Promise.reject(new Error('no exec here')),
  attach: () => {
    throw new Error('no attach here');
  },
  connect: () => Promise.reject(new Error('nobody listens')),
};

/** The real API server on a real port, without controllers and without a kubelet unless one is given. */
export async function startTestApi(runtime: PodRuntime = noRuntime): Promise<TestApi> {
  const store = createStore();
  const objects = createObjects(store, createResources());
  const authority = createAuthority('test');
  bootstrap(objects, authority.certificate);
  const authenticator = createAuthenticator({ store, secret: 'secret' });
  authenticator.addToken('admin', { name: 'admin', groups: ['system:masters'] });
  const faults = createFaults(statusOfCode);
  const identity = authority.issue('server', { subject: { commonName: 'api' }, hosts: ['127.0.0.1'], days: 1 });
  const stop = new AbortController();
  const server = await startApiServer({
    objects,
    runtime,
    authenticator,
    faults,
    identity,
    authority: authority.certificate,
    port: 0,
    signal: stop.signal,
  });
  const agent = new https.Agent({ keepAlive: true });
  const base = { host: '127.0.0.1', port: server.port, ca: authority.certificate };
  return {
    objects,
    authenticator,
    authority,
    faults,
    port: server.port,
    request: (method, path, body, { headers = {}, token = 'admin', cert } = {}) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
        const request = https.request({
          ...base,
          ...(cert ? { cert: cert.certificate, key: cert.key } : { agent }),
          method,
          path,
          headers: {
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
            ...headers,
          },
        });
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('aborted', () => reject(new Error('aborted')));
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString();
            const isJson = response.headers['content-type']?.startsWith('application/json');
            resolve({
              code: response.statusCode ?? 0,
              headers: response.headers,
              body: (isJson ? JSON.parse(answer) : { message: answer }) as Body,
            });
          });
        });
        request.on('error', reject);
        request.end(text);
      }),
    stream(path) {
      const lines: string[] = [];
      const listeners = new Set<() => void>();
      let rest = '';
      const tell = () => {
        for (const listener of [...listeners]) listener();
      };
      let finish: () => void = () => {};
      const ended = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const request = https.request({ ...base, path, headers: { authorization: 'Bearer admin' } }, (response) => {
        response.on('data', (chunk: Buffer) => {
          const all = (rest + chunk.toString()).split('\n');
          rest = all.pop() ?? '';
          lines.push(...all);
          tell();
        });
        response.on('close', finish);
      });
      request.on('error', finish);
      request.end();
      return {
        lines,
        ended,
        until: (test) =>
          new Promise((resolve) => {
            const look = () => {
              if (!test(lines)) return;
              listeners.delete(look);
              resolve(lines);
            };
            listeners.add(look);
            look();
          }),
        close: () => request.destroy(),
      };
    },
    async close() {
      agent.destroy();
      await server.close();
    },
  };
}
