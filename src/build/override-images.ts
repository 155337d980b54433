import type { ImageConfig, ImageOverride } from '../config/types.ts';
import { UserError } from '../core/errors.ts';

/**
 * The images as `devspace dev` builds them: each override replaces what it names, in memory only. Throws
 * `CONFIG_INVALID` if an override names an image that does not exist.
 */
export function overrideImages(
  images: readonly ImageConfig[],
  overrides: readonly ImageOverride[],
): readonly ImageConfig[] {
  for (const { name } of overrides) {
    if (images.some((image) => image.name === name)) continue;
    throw new UserError('CONFIG_INVALID', `dev.overrideImages names the image ${name}, which images does not have.`);
  }
  return images.map((image) => {
    const override = overrides.find(({ name }) => name === image.name);
    return override ? { ...image, ...override } : image;
  });
}
