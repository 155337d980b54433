import { createHash } from 'node:crypto';
import type { ImageConfig, ResolvedImage } from '../images/image.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { PodSandbox } from '../sandbox/sandbox.ts';

/** One line of the engine's JSON stream. */
export type BuildMessage = Readonly<Record<string, unknown>>;

export interface BuildRequest {
  readonly tags: readonly string[];
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cache: 'use' | 'ignore';
  readonly network: 'own' | 'host';
  /** Environment by which this machine reaches the network (proxies, registry of npm); only for `RUN`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the steps of one build share. */
export interface BuildRun {
  readonly request: BuildRequest;
  readonly store: ImageStore;
  /** Folder of this build, inside the state folder; `context` lies in it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  emit(message: BuildMessage): void;
  /** The namespaces for `RUN` and `COPY`, made at first use. */
  pod(): Promise<PodSandbox>;
  /** The file system of an earlier stage (name or number) or of an image. */
  findRoot(name: string): ResolvedImage | undefined;
}

/** A stage while its instructions are carried out. */
export interface Stage {
  readonly name: string | undefined;
  layers: readonly string[];
  config: ImageConfig;
  history: readonly string[];
  /** Values of the `ARG`s declared so far. */
  args: Record<string, string>;
  /** Whether `CMD` was set here; `ENTRYPOINT` forgets one that came with the base. */
  cmd: 'own' | 'inherited';
}

export function stageImage(run: Pick<BuildRun, 'store'>, stage: Stage): ResolvedImage {
  const layers = stage.layers.map((layer) => run.store.layerFolder(layer));
  return { id: stageId(stage), reference: '', imageID: '', layers, config: stage.config, standsForMachine: false };
}

/** Changes whenever the files or the configuration of the stage change. */
export function stageId(stage: Stage): string {
  return `sha256:${hash([stage.layers, stage.config, stage.history])}`;
}

export function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Variables that instructions may use: `ENV` wins over `ARG`. */
export function stageVariables(stage: Stage): Record<string, string> {
  return { ...stage.args, ...envOf(stage.config) };
}

export function envOf(config: ImageConfig): Record<string, string> {
  const pairs = (config.Env ?? []).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

export function absoluteIn(stage: Stage, target: string): string {
  const from = stage.config.WorkingDir || '/';
  return target.startsWith('/') ? target : `${from === '/' ? '' : from}/${target}`;
}
