import type { ImageConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { BuiltImage } from './build-run.ts';
import { customTag } from './custom/build-custom.ts';
import { hasRandomTag, planImage } from './plan-image.ts';

/**
 * The image as `buildImage` would make it, with its tag, by looking at the files alone: no engine is contacted. Throws
 * `BUILD_FILE` if only the build itself could tell the tag.
 */
export function expectedImage(image: ImageConfig): BuiltImage {
  return { name: image.name, image: image.image, tag: expectedTag(image) };
}

function expectedTag(image: ImageConfig): string {
  const { name } = image;
  if (hasRandomTag(image)) {
    throw new UserError(
      'BUILD_FILE',
      `The tag ${image.tags[0]} of image ${name} gets random letters with each build.`,
      {
        hint: 'Give the image a tag without #, or none, so that it follows from the content.',
      },
    );
  }
  const tag = knownTag(image);
  if (tag !== undefined) return tag;
  throw new UserError('BUILD_FILE', `The tag of image ${name} is known only once its custom command has run.`, {
    hint: 'Give the image `tags`, or name with `custom.onChange` the files that it is built from.',
  });
}

/**
 * The first tag that a build would give, by looking at the files alone: that of the configuration, or what follows from
 * the content. `undefined` where only a custom command could tell it. Throws `BUILD_FILE` if the files cannot be read.
 */
export function knownTag(image: ImageConfig): string | undefined {
  const [fixed] = image.tags;
  if (fixed !== undefined) return fixed;
  const { custom } = image;
  return custom ? customTag({ ...image, custom }) : planImage(image).tags[0];
}
