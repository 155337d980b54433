import type { ImageConfig } from '../config/types.ts';
import type { BuiltImage } from './build-image.ts';
import { contentKey, planContext, readDockerfile } from './context.ts';
import { overrideCommand } from './dockerfile.ts';

/** The image as `buildImage` would make it, with its tag, by looking at the files alone: no engine is contacted. */
export function expectedImage(image: ImageConfig): BuiltImage {
  const { name, image: repository, buildArgs, target, network } = image;
  const [fixed] = image.tags;
  if (fixed !== undefined) return { name, image: repository, tag: fixed };
  const onDisk = readDockerfile(image);
  const context = planContext(image, overrideCommand(onDisk, image), onDisk);
  return { name, image: repository, tag: contentKey(context, { buildArgs, target, network }) };
}
