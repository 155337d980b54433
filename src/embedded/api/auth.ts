import { createHmac, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { asText, at, type Json } from './objects.ts';
import { StatusError } from './status.ts';
import type { Store } from './store.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

/** Tells who sends a request: by bearer token or by client certificate. */
export interface Authenticator {
  /** Throws 401 if there are credentials and they are wrong; without any the user is anonymous. */
  identify(credentials: Credentials): User;
  /** A token for a service account; it says when it ends and is bound to the life of the account. */
  issueToken(account: { namespace: string; name: string; uid: string }, seconds: number): string;
  /** From now on the token is refused. */
  revoke(token: string): void;
  /** Accepts a further fixed token for a user. */
  addToken(token: string, user: User): void;
}

interface Credentials {
  readonly authorization: string | undefined;
  readonly certificate: X509Certificate | undefined;
}

export interface AuthOptions {
  readonly store: Store;
  /** Signs the tokens of service accounts. */
  readonly secret: string;
}

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export function createAuthenticator({ store, secret }: AuthOptions): Authenticator {
  const fixed = new Map<string, User>();
  const revoked = new Set<string>();
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  const verify = (token: string): User | undefined => {
    const known = fixed.get(token);
    if (known) return known;
    const [header = '', payload = '', signature = ''] = token.split('.');
    const expected = Buffer.from(sign(`${header}.${payload}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
    const [, , namespace = '', name = ''] = asText(at(claims, 'sub')).split(':');
    const account = store.get('serviceaccounts', namespace, name);
    const uid = asText(at(claims, 'uid'));
    if (Number(at(claims, 'exp')) * 1000 < Date.now() || account?.metadata.uid !== uid) return undefined;
    return serviceAccountUser(namespace, name, uid);
  };

  return {
    identify({ authorization, certificate }) {
      if (certificate) return certificateUser(certificate);
      const token = /^bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) return anonymous;
      const user = revoked.has(token) ? undefined : verify(token);
      if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
      return { ...user, groups: [...user.groups, 'system:authenticated'] };
    },
    issueToken({ namespace, name, uid }, seconds) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: 'https://kubernetes.default.svc.cluster.local',
        aud: ['https://kubernetes.default.svc.cluster.local'],
        sub: `system:serviceaccount:${namespace}:${name}`,
        iat: now,
        nbf: now,
        exp: now + seconds,
        uid,
      };
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
      return `${text}.${sign(text)}`;
    },
    revoke: (token) => void revoked.add(token),
    addToken: (token, user) => void fixed.set(token, user),
  };
}

function serviceAccountUser(namespace: string, name: string, uid?: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    ...(uid === undefined ? {} : { uid }),
  };
}

/** Common name and organisations of a client certificate are user and groups. */
function certificateUser(certificate: X509Certificate): User {
  const parts = certificate.subject
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const values = (key: string) =>
    parts.flatMap(([name, value]) => (name === key && value !== undefined ? [value] : []));
  return { name: values('CN')[0] ?? '', groups: [...values('O'), 'system:authenticated'] };
}
