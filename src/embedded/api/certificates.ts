import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, context, integer, objectId, octetString, sequence, set, time, utf8String } from './der.ts';

/** A certificate with its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

interface CertificateOptions {
  readonly subject: Subject;
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[];
  readonly days: number;
}

/** Issues certificates for one cluster (X.509 v3, ECDSA P-256 with SHA-256; RFC 5280). */
export interface Authority extends KeyPair {
  issue(use: 'server' | 'client', options: CertificateOptions): KeyPair;
}

/** A new authority, or the one whose key pair is given. */
export function createAuthority(name: string, known?: KeyPair): Authority {
  const subject = { commonName: name };
  const pair = known ?? selfSigned(subject);
  const own = createPrivateKey(pair.key);
  return {
    ...pair,
    issue(use, options) {
      const { privateKey, spki } = newKey();
      const body = toBeSigned({
        issuer: subject,
        ...options,
        spki,
        extensions: leafExtensions(use, options.hosts ?? []),
      });
      return { certificate: signed(body, own), key: exportKey(privateKey) };
    },
  };
}

function newKey(): { privateKey: KeyObject; spki: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

function selfSigned(subject: Subject): KeyPair {
  const { privateKey, spki } = newKey();
  const body = toBeSigned({ issuer: subject, subject, days: 3650, spki, extensions: authorityExtensions() });
  return { certificate: signed(body, privateKey), key: exportKey(privateKey) };
}

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const ecdsaWithSha256 = (): Buffer => sequence(objectId('1.2.840.10045.4.3.2'));

interface Body {
  readonly issuer: Subject;
  readonly subject: Subject;
  readonly days: number;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
}

function toBeSigned({ issuer, subject, days, spki, extensions }: Body): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const start = Date.now() - 60_000;
  return sequence(
    context(0, 'constructed', integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256(),
    distinguishedName(issuer),
    sequence(time(new Date(start)), time(new Date(start + days * 86_400_000))),
    distinguishedName(subject),
    spki,
    context(3, 'constructed', sequence(...extensions)),
  );
}

function signed(body: Buffer, key: KeyObject): string {
  const der = sequence(body, ecdsaWithSha256(), bitString(sign('sha256', body, key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const part = (id: string, value: string) => set(sequence(objectId(id), utf8String(value)));
  return sequence(...organizations.map((name) => part('2.5.4.10', name)), part('2.5.4.3', commonName));
}

function extension(id: string, criticality: 'critical' | 'optional', value: Buffer): Buffer {
  return sequence(objectId(id), ...(criticality === 'critical' ? [boolean('true')] : []), octetString(value));
}

function authorityExtensions(): Buffer[] {
  const certSign = Buffer.from([0x06]);
  return [
    extension('2.5.29.19', 'critical', sequence(boolean('true'))),
    extension('2.5.29.15', 'critical', bitString(certSign, 1)),
  ];
}

function leafExtensions(use: 'server' | 'client', hosts: readonly string[]): Buffer[] {
  const purpose = use === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
  const digitalSignature = Buffer.from([0x80]);
  const names = hosts.map((host) =>
    isIP(host) === 4
      ? context(7, 'primitive', Buffer.from(host.split('.').map(Number)))
      : context(2, 'primitive', Buffer.from(host)),
  );
  return [
    extension('2.5.29.19', 'critical', sequence()),
    extension('2.5.29.15', 'critical', bitString(digitalSignature, 7)),
    extension('2.5.29.37', 'optional', sequence(objectId(purpose))),
    ...(names.length > 0 ? [extension('2.5.29.17', 'optional', sequence(...names))] : []),
  ];
}
