import type { Readable } from 'node:stream';
import type { BuildListener } from './build-trace.ts';

/** The Docker Engine, as narrow as the engines need it. Every method rejects with a `UserError`. */
export interface DockerClient {
  /** Absent: where the engine usually is. */
  readonly address?: EngineAddress;
  /** Rejects with `DOCKER_UNREACHABLE` if no engine answers. */
  ping(signal: AbortSignal): Promise<void>;
  /** Whether the engine has `repository:tag`. */
  hasImage(name: string, signal: AbortSignal): Promise<boolean>;
  /** Everything that the engine has, without what only a build in between made. */
  listImages(signal: AbortSignal): Promise<EngineImage[]>;
  /** Deletes `repository:tag`, or an image by its number; what was not there counts as deleted. */
  deleteImage(name: string, signal: AbortSignal): Promise<'deleted' | 'in use'>;
  /** Whether the registry has `repository:tag`; `false` also if it does not tell. Works without an engine, too. */
  isPushed(name: string, credentials: RegistryCredentials | undefined, signal: AbortSignal): Promise<boolean>;
  /** Builds the context and gives it the tags. Rejects with `BUILD_FAILED` and the engine's words. */
  build(request: BuildRequest): Promise<void>;
  /** Tries again what passes by itself, as an overloaded registry. Rejects with `PUSH_FAILED` and the registry's words. */
  push(request: PushRequest): Promise<void>;
}

export interface EngineAddress {
  /** As `DOCKER_HOST` names it. */
  readonly host: string;
  /** Folder with `ca.pem`, `cert.pem` and `key.pem`, as `DOCKER_CERT_PATH` names it; absent: as the environment says. */
  readonly certFolder?: string;
}

export interface EngineImage {
  readonly id: string;
  /** `repository:tag`, without `docker.io` and `library`. */
  readonly tags: readonly string[];
  /** `repository@sha256:…` of what was pushed or pulled. */
  readonly digests: readonly string[];
  readonly createdMs: number;
}

export interface BuildRequest extends BuildListener {
  /** A tar archive with the context and the Dockerfile. */
  readonly context: Readable;
  /** Path of the Dockerfile in the archive. */
  readonly dockerfile: string;
  /** `repository:tag`, at least one. */
  readonly tags: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly network?: string;
  /** The login for a registry that a base image comes from, as image names have it (`docker.io`, `localhost:5000`). */
  findLogin(registry: string): Promise<RegistryCredentials | undefined>;
  readonly signal: AbortSignal;
}

export interface PushRequest {
  readonly repository: string;
  readonly tag: string;
  readonly credentials: RegistryCredentials | undefined;
  onProgress(text: string): void;
  readonly signal: AbortSignal;
}

export interface RegistryCredentials {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}
