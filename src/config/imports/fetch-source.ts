import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorText, isCancelled, UserError } from '../../core/errors.ts';
import { type GitAnswer, readGit } from '../git.ts';
import { toSafeName } from '../versions/names.ts';
import { cloneFolderName, type SourceConfig } from './source-config.ts';

export interface FetchOptions {
  readonly cwd: string;
  /** Relative paths start here. */
  readonly basePath: string;
  /** The user's DevSpace folder; clones are kept below it. */
  readonly userFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

/**
 * Makes the source available and gives its folder or file. A repository is cloned once and then brought up to date at
 * each call; without a network the earlier clone is used, with a warning. Nothing half-made stays behind.
 */
export async function fetchSource(source: SourceConfig, options: FetchOptions): Promise<string> {
  if (source.git) return withSubPath(await fetchGit(source, options), source);
  if (!source.path) throw new UserError('CONFIG_IMPORT', 'A source needs either `path` or `git`');
  if (/^https?:\/\//.test(source.path)) return fetchAddress(source, options);
  return withSubPath(path.resolve(options.basePath, source.path), source);
}

/** The configuration file of a source: the file itself, or `devspace.yaml` in the folder. */
export function configFileOf(location: string): string {
  return /\.ya?ml$/.test(location) ? location : path.join(location, 'devspace.yaml');
}

function withSubPath(folder: string, { subPath }: SourceConfig): string {
  return subPath ? path.join(folder, subPath) : folder;
}

async function fetchGit(source: SourceConfig, options: FetchOptions): Promise<string> {
  const url = (source.git ?? '').trim();
  if (url.startsWith('-')) throw new UserError('CONFIG_IMPORT', `${url} is no address of a repository`);
  const folder = path.join(options.userFolder, 'dependencies', cloneFolderName(source));
  if (await exists(path.join(folder, '.git'))) {
    if (!source.disablePull && !source.revision) await pull(url, folder, options);
    return folder;
  }
  const partial = `${folder}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await mkdir(path.dirname(folder), { recursive: true });
    await clone(source, url, partial, options);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    return folder;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function clone(source: SourceConfig, url: string, folder: string, options: FetchOptions): Promise<void> {
  const ref = source.branch ?? source.tag;
  const args = [
    'clone',
    '--quiet',
    ...(ref ? ['--branch', ref] : []),
    ...(source.revision || source.disableShallow ? [] : ['--depth', '1']),
    ...source.cloneArgs,
  ];
  const first = await git([...args, '--', url, folder], options);
  const other = first.ok || first.program === 'missing' ? undefined : otherTransport(url);
  const second = other === undefined ? undefined : await git([...args, '--', other, folder], options);
  if (!first.ok && !second?.ok) {
    throw new UserError('CONFIG_IMPORT', `The repository ${url} cannot be cloned: ${first.reason}`, {
      hint:
        first.program === 'missing'
          ? 'Install git, or name a folder with `path`.'
          : 'Check the address, your network and your access; no earlier clone is there to fall back on.',
    });
  }
  if (!source.revision) return;
  const checkout = await git(['-C', folder, 'checkout', '--quiet', source.revision, '--'], options);
  if (!checkout.ok) {
    throw new UserError(
      'CONFIG_IMPORT',
      `The revision ${source.revision} of ${url} cannot be used: ${checkout.reason}`,
    );
  }
}

async function pull(url: string, folder: string, options: FetchOptions): Promise<void> {
  const answer = await git(['-C', folder, 'pull', '--quiet', '--ff-only'], options);
  if (!answer.ok) options.warn(`${url} cannot be brought up to date, the earlier clone is used: ${answer.reason}`);
}

async function git(args: readonly string[], { userFolder, env, signal }: FetchOptions): Promise<GitAnswer> {
  const own = { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes', ...env };
  return readGit(['-c', 'protocol.ext.allow=never', ...args], { cwd: path.dirname(userFolder), env: own, signal });
}

/** The same repository by SSH instead of HTTPS, or the other way round. */
function otherTransport(url: string): string | undefined {
  const https = /^https:\/\/([^/@]+)\/(.+)$/.exec(url);
  if (https) return `git@${https[1]}:${https[2]}`;
  const ssh = /^git@([^:]+):(.+)$/.exec(url);
  return ssh ? `https://${ssh[1]}/${ssh[2]}` : undefined;
}

async function fetchAddress(source: SourceConfig, options: FetchOptions): Promise<string> {
  const address = source.path ?? '';
  const file = path.join(options.userFolder, 'dependencies', toSafeName(address), 'devspace.yaml');
  const isCached = await exists(file);
  if (isCached && source.disablePull) return file;
  try {
    const timeout = AbortSignal.timeout(downloadTimeoutMs);
    const response = await fetch(address, { signal: AbortSignal.any([options.signal, timeout]) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const text = await response.text();
    await mkdir(path.dirname(file), { recursive: true });
    const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    if (options.signal.aborted || isCancelled(error)) throw error;
    const reason = errorText(error instanceof Error && error.cause ? error.cause : error);
    if (!isCached) throw new UserError('CONFIG_IMPORT', `${address} cannot be loaded: ${reason}`, { cause: error });
    options.warn(`${address} cannot be loaded, the earlier copy is used: ${reason}`);
  }
  return file;
}

const downloadTimeoutMs = 30_000;

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
