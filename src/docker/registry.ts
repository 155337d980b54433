import type { RegistryCredentials } from './client.ts';

/** A registry that says nothing for so long counts as one that does not tell. */
const answerWithinMs = 15_000;
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Asks the registry itself, without an engine, whether it has `repository:tag` (source: OCI distribution specification,
 * "Checking if content exists in the registry"). `false` also if it does not tell: nobody answers, or the login is not
 * taken. As Docker does, registries of this machine are asked over HTTP too. Rejects with the reason of the signal only.
 */
export async function hasManifest(
  name: string,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { host, repository, tag } = parseName(name);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  for (const scheme of isOfThisMachine(host) ? ['https', 'http'] : ['https']) {
    try {
      return await headManifest(`${scheme}://${host}/v2/${repository}/manifests/${tag}`, credentials, limit);
    } catch {
      signal.throwIfAborted();
    }
  }
  return false;
}

/** Pure: the parts of `repository:tag`, where Docker Hub may be left out. */
export function parseName(name: string): { readonly host: string; readonly repository: string; readonly tag: string } {
  const colon = name.lastIndexOf(':');
  const [image, tag] = [name.slice(0, colon), name.slice(colon + 1)];
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  if (hasHost && first !== 'docker.io') return { host: first, repository: image.slice(slash + 1), tag };
  const path = hasHost ? image.slice(slash + 1) : image;
  return { host: 'registry-1.docker.io', repository: path.includes('/') ? path : `library/${path}`, tag };
}

async function headManifest(
  url: string,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const head = (authorization?: string) =>
    fetch(url, {
      method: 'HEAD',
      headers: { accept: manifestTypes, ...(authorization === undefined ? {} : { authorization }) },
      signal,
    });
  const first = await head();
  if (first.status !== 401) return first.ok;
  const authorization = await authorize(first.headers.get('www-authenticate') ?? '', credentials, signal);
  return authorization !== undefined && (await head(authorization)).ok;
}

/** The header that answers the challenge; `undefined` if there is none. A password goes nowhere in the clear. */
async function authorize(
  challenge: string,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (/^basic\b/i.test(challenge)) return basic(credentials);
  if (!/^bearer\b/i.test(challenge)) return undefined;
  const valueOf = (key: string) => new RegExp(`\\b${key}="([^"]*)"`, 'i').exec(challenge)?.[1] ?? '';
  const realm = new URL(valueOf('realm'));
  if (realm.protocol !== 'https:' && !isOfThisMachine(realm.host)) return undefined;
  const wanted = { service: valueOf('service'), scope: valueOf('scope') };
  const answer = await askForToken(realm, { wanted, credentials }, signal);
  if (!answer.ok) return undefined;
  const body = (await answer.json()) as { readonly token?: string; readonly access_token?: string };
  const token = body.token ?? body.access_token;
  return token === undefined ? undefined : `Bearer ${token}`;
}

interface TokenRequest {
  readonly wanted: { readonly service: string; readonly scope: string };
  readonly credentials: RegistryCredentials | undefined;
}

/** Source: "Token Authentication Specification" and, for a login by token, "OAuth2 Token Authentication" of distribution. */
function askForToken(realm: URL, { wanted, credentials }: TokenRequest, signal: AbortSignal): Promise<Response> {
  if (credentials?.identitytoken !== undefined) {
    const grant = { grant_type: 'refresh_token', refresh_token: credentials.identitytoken, client_id: 'devspace' };
    return fetch(realm, { method: 'POST', body: new URLSearchParams({ ...grant, ...wanted }), signal });
  }
  const url = new URL(realm);
  for (const [key, value] of Object.entries(wanted)) url.searchParams.set(key, value);
  const authorization = basic(credentials);
  return fetch(url, { headers: authorization === undefined ? {} : { authorization }, signal });
}

function basic(credentials: RegistryCredentials | undefined): string | undefined {
  const { username, password = '' } = credentials ?? {};
  return username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const isOfThisMachine = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
