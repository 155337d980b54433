import type { ImageConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { BuiltImage } from './build-run.ts';
import { contentKey, planContext, readDockerfile } from './context.ts';
import { customTag } from './custom/build-custom.ts';
import { overrideCommand } from './dockerfile.ts';

/**
 * The image as `buildImage` would make it, with its tag, by looking at the files alone: no engine is contacted. Throws
 * `BUILD_FILE` if only the build itself could tell the tag.
 */
export function expectedImage(image: ImageConfig): BuiltImage {
  const { name, image: repository, buildArgs, target, network } = image;
  const [fixed] = image.tags;
  if (fixed !== undefined) return { name, image: repository, tag: fixed };
  const { custom } = image;
  if (custom) {
    const tag = customTag({ ...image, custom });
    if (tag !== undefined) return { name, image: repository, tag };
    throw new UserError('BUILD_FILE', `The tag of image ${name} is known only once its custom command has run.`, {
      hint: 'Give the image `tags`, or name with `custom.onChange` the files that it is built from.',
    });
  }
  const onDisk = readDockerfile(image);
  const context = planContext(image, overrideCommand(onDisk, image), onDisk);
  return { name, image: repository, tag: contentKey(context, { buildArgs, target, network }) };
}
