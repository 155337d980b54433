import type { ImageConfig } from '../config/types.ts';
import type { Log } from '../core/log.ts';
import type { Redactor } from '../core/redact.ts';
import type { DockerClient } from '../docker/client.ts';
import { contentKey, packContext, planContext, readDockerfile } from './context.ts';
import { overrideCommand } from './dockerfile.ts';
import { findCredentials } from './registry-auth.ts';

/** What building needs from the run. */
export interface BuildRun {
  readonly docker: DockerClient;
  /** Folder of Docker's own config, for the credentials of registries. */
  readonly dockerConfigFolder: string;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** An image that can be deployed. */
export interface BuiltImage {
  readonly name: string;
  /** Repository without a tag. */
  readonly image: string;
  readonly tag: string;
}

export type PushMode = 'push' | 'keep local';

/**
 * Builds one image with its Dockerfile, the override applied in memory, and pushes it. The engine's layer cache makes
 * an unchanged build quick; an unchanged image keeps its tag.
 */
export async function buildImage(image: ImageConfig, push: PushMode, run: BuildRun): Promise<BuiltImage> {
  const log = run.log.child(`build ${image.name}`);
  const onDisk = readDockerfile(image);
  const context = planContext(image, overrideCommand(onDisk, image), onDisk);
  const { buildArgs, target, network } = image;
  const tags = image.tags.length > 0 ? image.tags : [contentKey(context, { buildArgs, target, network })];
  const [tag = 'latest'] = tags;

  log.info(`Building ${image.image}:${tag}`);
  await run.docker.build({
    context: packContext(context),
    dockerfile: context.dockerfile,
    tags: tags.map((name) => `${image.image}:${name}`),
    buildArgs,
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { network }),
    onOutput: (line) => (line.startsWith('Step ') ? log.status(line) : log.debug(line)),
    signal: run.signal,
  });
  log.status(undefined);

  if (push === 'push' && !image.skipPush) await pushImage(image, tags, { ...run, log });
  return { name: image.name, image: image.image, tag };
}

async function pushImage(image: ImageConfig, tags: readonly string[], run: BuildRun): Promise<void> {
  const credentials = await findCredentials(image.image, run.dockerConfigFolder, run.signal);
  run.redactor.add(credentials?.password);
  run.redactor.add(credentials?.identitytoken);
  for (const tag of tags) {
    const onProgress = (text: string) => run.log.status(text);
    await run.docker.push({ repository: image.image, tag, credentials, onProgress, signal: run.signal });
    run.log.status(undefined);
    run.log.done(`Pushed ${image.image}:${tag}`);
  }
}
