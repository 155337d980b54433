import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import path from 'node:path';
import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { abortable, abortReason, sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { UserError } from '../core/errors.ts';
import { buildInEngine, type Reachable } from './build-image.ts';
import type { DockerClient, EngineAddress, PushRequest } from './client.ts';
import { engineError, statusOf } from './errors.ts';
import { readMessages } from './progress.ts';
import { planPushRetry } from './push-retry.ts';
import { hasManifest } from './registry.ts';
import type { Builder } from './select-builder.ts';

/** Pauses between two tries of a push. */
const firstPauseMs = 500;
const longestPauseMs = 4_000;

const kept = { keepAlive: true };

/**
 * A connection for each call: a kept one may have died of idleness by the time that a large context has been read. The
 * engine is not told so, since a server that is to close hangs up on who still sends, and its refusal is lost.
 */
function oneCallAgent<T extends HttpAgent>(agent: T): T {
  return Object.assign(agent, { keepSocketAlive: () => false });
}

/**
 * The engine at the address, else the local socket. Makes no contact yet. Builds with the builder where the engine has
 * it; without one the engine chooses.
 */
export function createDockerClient(address: EngineAddress | undefined, builder?: Builder): DockerClient {
  const docker = new Docker(optionsOf(address));
  const modem = docker.modem as { protocol?: string; agent?: HttpAgent };
  modem.agent = oneCallAgent(modem.protocol === 'https' ? new HttpsAgent(kept) : new HttpAgent(kept));
  const where = address?.host ?? 'at its usual socket';

  const reachable: Reachable = async (promise, signal) => {
    try {
      return await abortable(promise, signal);
    } catch (error) {
      throw signal.aborted ? abortReason(signal) : engineError(where, error);
    }
  };

  return {
    ...(address === undefined ? {} : { address }),
    async ping(signal) {
      await reachable(docker.ping(), signal);
    },

    hasImage: (name, signal) => isFound(reachable(docker.getImage(name).inspect(), signal)),

    async listImages(signal) {
      const images = await reachable(docker.listImages(), signal);
      return images.map(({ Id: id, RepoTags, RepoDigests, Created }) => ({
        id,
        tags: named(RepoTags),
        digests: named(RepoDigests),
        createdMs: Created * 1000,
      }));
    },

    async deleteImage(name, signal) {
      try {
        await reachable(docker.getImage(name).remove(), signal);
        return 'deleted';
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) return 'deleted';
        if (status === 409) return 'in use';
        throw error;
      }
    },

    async isPushed(name, credentials, signal) {
      const options = credentials ? { authconfig: credentials } : {};
      try {
        return await isFound(reachable(docker.getImage(name).distribution(options), signal));
      } catch (error) {
        if (error instanceof UserError && error.code === 'DOCKER_UNREACHABLE')
          return hasManifest(name, credentials, signal);
        throw error;
      }
    },

    async build(request) {
      await buildInEngine(request, { docker, reachable, builder });
      for (const tag of request.tags.slice(1))
        await reachable(tagImage(docker, request.tags[0] ?? '', tag), request.signal);
    },

    async push(request) {
      const name = `${request.repository}:${request.tag}`;
      const backoff = createBackoff(firstPauseMs, longestPauseMs);
      for (let tries = 1; ; tries++) {
        const words = await refusalOfPush(docker, request, reachable);
        if (words === undefined) return;
        if (planPushRetry(words, tries) === 'give up') throw pushError(name, words);
        request.onProgress(`The push of ${name} is tried again: ${words.trim()}`);
        await sleep(backoff.next(), request.signal);
      }
    },
  };
}

/** An image without a tag is listed as `<none>:<none>`. */
const named = (names: readonly string[] | null | undefined): string[] =>
  (names ?? []).filter((name) => !name.startsWith('<none>'));

/** Every answer of the engine but a yes is a no; without an engine there is no answer. */
async function isFound(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'BUILD_FAILED') return false;
    throw error;
  }
}

/** Sockets and plain addresses as they are given; for all else the library reads the environment itself, TLS too. */
function optionsOf({ host, certFolder }: Partial<EngineAddress> = {}): Docker.DockerOptions | undefined {
  if (host?.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const [, name, port] = /^tcp:\/\/([\w.-]+):(\d+)$/.exec(host ?? '') ?? [];
  if (name === undefined) return undefined;
  if (certFolder !== undefined)
    return { protocol: 'https', host: name, port: Number(port), ...readCertificates(certFolder) };
  return name === '127.0.0.1' ? { protocol: 'http', host: name, port: Number(port) } : undefined;
}

function readCertificates(folder: string): { readonly ca: string; readonly cert: string; readonly key: string } {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw new UserError('DOCKER_UNREACHABLE', `The certificates of the Docker Engine in ${folder} cannot be read.`, {
      cause: error,
    });
  }
}

function tagImage(docker: Docker, image: string, name: string): Promise<unknown> {
  const colon = name.lastIndexOf(':');
  return docker.getImage(image).tag({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
}

/** Pushes once; the words of the engine or the registry if that failed. Rejects if the engine itself is gone. */
async function refusalOfPush(docker: Docker, request: PushRequest, reachable: Reachable): Promise<string | undefined> {
  const image = docker.getImage(request.repository);
  const options = { tag: request.tag, ...(request.credentials ? { authconfig: request.credentials } : {}) };
  let words: string | undefined;
  let answer: Readable;
  try {
    answer = await reachable(image.push(options) as Promise<Readable>, request.signal);
  } catch (error) {
    if (error instanceof UserError && error.code === 'BUILD_FAILED') return error.message;
    throw error;
  }
  await readMessages(answer, request.signal, (message) => {
    if (message.error !== undefined) words ??= message.error;
    const layer = message.id === undefined ? '' : `${message.id}: `;
    if (message.status !== undefined) request.onProgress(`${layer}${message.status} ${message.progress ?? ''}`.trim());
  });
  return words;
}

function pushError(name: string, words: string): UserError {
  const registry = name.split('/')[0] ?? name;
  return new UserError('PUSH_FAILED', `The push of ${name} was refused: ${words.trim()}`, {
    hint: `Check the name of the image; if the registry wants a login, run: docker login ${registry}`,
  });
}
