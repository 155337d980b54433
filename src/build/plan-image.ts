import { randomInt } from 'node:crypto';
import type { ImageConfig } from '../config/types.ts';
import { type BuildContext, contentKey, planContext, readDockerfile } from './context.ts';
import { overrideCommand } from './dockerfile.ts';
import { readingDigests } from './file-digests.ts';
import { withRestartHelper } from './restart-helper.ts';

/** What is built, and under which tags; the first one is deployed. */
export interface PlannedImage {
  readonly context: BuildContext;
  readonly tags: readonly [string, ...string[]];
  /** `content`: an image of this tag has this content. `Dockerfile`: it may stem from another context. */
  readonly tagTells: 'content' | 'Dockerfile' | 'nothing';
}

/**
 * Looks at the files of an image with a Dockerfile, the override applied in memory; no engine is contacted. `digests`
 * may know files already. Throws
 * `BUILD_FILE` if the Dockerfile or the context cannot be read.
 */
export function planImage(image: ImageConfig, digests = readingDigests): PlannedImage {
  const onDisk = readDockerfile(image);
  const override = image.restartHelper ? withRestartHelper(onDisk, image) : image;
  const context = planContext(image, overrideCommand(onDisk, override), onDisk);
  const [first, ...more] = image.tags;
  if (first !== undefined) return { context, tags: [first, ...more], tagTells: 'nothing' };
  const { buildArgs, target, network, cli } = image;
  const ignoresContext = image.rebuildStrategy === 'ignoreContextChanges';
  const options = { buildArgs, target, network, cli };
  const key = ignoresContext ? contentKey({ ...context, files: [] }, options) : contentKey(context, options, digests);
  return { context, tags: [key], tagTells: ignoresContext ? 'Dockerfile' : 'content' };
}

/** The image with a random letter for each `#` of its tags, as the original has it. */
export function withRandomTags(image: ImageConfig): ImageConfig {
  return { ...image, tags: image.tags.map((tag) => tag.replaceAll('#', randomLetter)) };
}

/** Whether the first tag gets new letters in each run, so that only a build can tell it. */
export const hasRandomTag = ({ tags: [first = ''] }: Pick<ImageConfig, 'tags'>): boolean => first.includes('#');

const randomLetter = (): string => String.fromCharCode('a'.charCodeAt(0) + randomInt(26));
