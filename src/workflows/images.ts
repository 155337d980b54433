import { type BuiltImage, buildImage, type PushMode } from '../build/build-image.ts';
import type { ImageConfig } from '../config/types.ts';
import type { Tools } from './tools.ts';

export interface Run extends Tools {
  readonly signal: AbortSignal;
}

/** Builds the images one after the other and pushes them. Without images no engine is contacted. */
export async function buildAndPush(images: readonly ImageConfig[], push: PushMode, run: Run): Promise<BuiltImage[]> {
  const wanted = images.filter(({ disabled, name }) => {
    if (disabled) run.log.info(`Image ${name} is not built: build.disabled is set`);
    return !disabled;
  });
  if (wanted.length === 0) return [];
  const docker = await run.docker();
  await docker.ping(run.signal);
  const built: BuiltImage[] = [];
  for (const image of wanted) built.push(await buildImage(image, push, { ...run, docker }));
  return built;
}
