import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { systemErrorCode, UserError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import type { RegistryCredentials } from '../docker/client.ts';

interface DockerConfigFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

const dockerHub = 'https://index.docker.io/v1/';

/** The registry of an image name as Docker's config names it: the host, or the long key of Docker Hub. */
export function registryOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : dockerHub;
}

/**
 * The credentials that `docker login` stored for the registry of the image: in the config file, a credential helper
 * or the credential store. `undefined` if there are none. The folder is `DOCKER_CONFIG` or `~/.docker`.
 */
export async function findCredentials(
  image: string,
  configFolder: string,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const registry = registryOf(image);
  const config = readConfigFile(path.join(configFolder, 'config.json'));
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper !== undefined) {
    const found = await askHelper(helper, registry, signal);
    if (found) return found;
  }
  const entry =
    config.auths?.[registry] ?? config.auths?.[`https://${registry}`] ?? config.auths?.[`https://${registry}/v1/`];
  if (!entry) return undefined;
  if (entry.identitytoken) return { serveraddress: registry, identitytoken: entry.identitytoken };
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon < 0) return undefined;
  return { serveraddress: registry, username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

interface CredentialUse {
  readonly dockerConfigFolder: string;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** The credentials for the registry of the image, kept out of every message from now on. */
export async function useCredentials(image: string, use: CredentialUse): Promise<RegistryCredentials | undefined> {
  const credentials = await findCredentials(image, use.dockerConfigFolder, use.signal);
  use.redactor.add(credentials?.password);
  use.redactor.add(credentials?.identitytoken);
  return credentials;
}

function readConfigFile(file: string): DockerConfigFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DockerConfigFile;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return {};
    throw new UserError('DOCKER_CREDENTIALS', `Docker's config file ${file} cannot be read.`, withoutContent(error));
  }
}

/** The protocol of credential helpers: the registry on stdin of `docker-credential-NAME get`, JSON on stdout. */
async function askHelper(
  helper: string,
  registry: string,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'pipe'], signal, windowsHide: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(registry);
  try {
    const [code, output] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (code !== 0) {
      if (/credentials not found/i.test(output)) return undefined;
      throw new Error(`it ended with exit code ${code}`);
    }
    const answer = JSON.parse(output) as { readonly Username?: string; readonly Secret?: string };
    if (answer.Username === '<token>') return { serveraddress: registry, identitytoken: answer.Secret ?? '' };
    return { serveraddress: registry, username: answer.Username ?? '', password: answer.Secret ?? '' };
  } catch (error) {
    signal.throwIfAborted();
    // no words of the helper: they may hold the secret
    const message = `The credential helper ${program} failed for ${registry}.`;
    throw new UserError('DOCKER_CREDENTIALS', message, withoutContent(error));
  }
}

/** The parser of JSON quotes the text that it cannot read, which may be a secret. */
function withoutContent(error: unknown): { readonly cause?: unknown } {
  return error instanceof SyntaxError ? {} : { cause: error };
}
