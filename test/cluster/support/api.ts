import { readFileSync } from 'node:fs';
import https from 'node:https';
import { parseYamlDocuments } from '../../../src/config/yaml-documents.ts';

/** What answers of the API server hold; each has a part of it. */
export interface ApiBody {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
  readonly metadata?: {
    readonly name?: string;
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly items?: readonly ApiBody[];
  readonly data?: Readonly<Record<string, string>>;
  readonly columnDefinitions?: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: ApiBody }[];
  readonly type?: string;
  readonly object?: ApiBody;
  readonly gitVersion?: string;
  readonly minor?: string;
}

export interface ApiAnswer {
  readonly code: number;
  readonly type: string;
  readonly text: string;
  readonly body: ApiBody;
}

export interface ApiRequest {
  readonly method?: string;
  /** An object is sent as JSON. */
  readonly body?: object | string | Buffer;
  readonly contentType?: string;
  readonly accept?: string;
  /** Instead of the administrator of the kubeconfig. */
  readonly token?: string;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** Sends a request to the API server of KUBECONFIG as it is, past all clients. */
export async function askApi(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
  const [config] = parseYamlDocuments(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as Kubeconfig[];
  const { cluster = {} } = config?.clusters[0] ?? {};
  const { user = {} } = config?.users[0] ?? {};
  const decode = (value: string | undefined) => (value === undefined ? undefined : Buffer.from(value, 'base64'));
  const login =
    request.token === undefined
      ? { cert: decode(user['client-certificate-data']), key: decode(user['client-key-data']) }
      : {};
  const token = request.token ?? user['token'];
  const { method = 'GET', contentType = 'application/json', accept = 'application/json' } = request;
  const body = toBytes(request.body);
  const headers = {
    accept,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': String(body.length) }),
  };
  const ca = decode(cluster['certificate-authority-data']);
  return new Promise((resolve, reject) => {
    const url = `${cluster['server']}${path}`;
    const sent = https.request(url, { method, headers, ca, ...login, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const type = response.headers['content-type'] ?? '';
        resolve({ code: response.statusCode ?? 0, type, text, body: parseJson(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function toBytes(body: ApiRequest['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parseJson(text: string): ApiBody {
  try {
    return JSON.parse(text) as ApiBody;
  } catch {
    return {};
  }
}
