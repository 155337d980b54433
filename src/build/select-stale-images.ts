import type { ImageConfig, ImageOverride } from '../config/types.ts';
import type { EngineImage } from '../docker/client.ts';
import { repositoryOf } from '../kube/image-names.ts';
import { knownTag } from './expected-image.ts';
import { overrideImages } from './override-images.ts';
import { hasRandomTag } from './plan-image.ts';

/** A repository of the configuration, and what of it is to stay. */
export interface OwnRepository {
  /** Without a tag. */
  readonly image: string;
  readonly keep: readonly string[];
  /** What random tags look like; only the newest of them stays. */
  readonly random?: RegExp;
}

/** The tags that follow from the content. */
const contentTag = /^[0-9a-f]{16}$/;
const customRandomTag = /^[a-z]{7}$/;

/**
 * The repositories of the images with the tags that a build now would give them: as they are, and with the overrides of
 * `devspace dev`. Throws `BUILD_FILE` if the files of an image cannot be read, so that nobody deletes what is current.
 */
export function ownRepositories(
  images: readonly ImageConfig[],
  overrides: readonly ImageOverride[],
): readonly OwnRepository[] {
  const overridden = overrideImages(images, overrides);
  return images.map((image, index) => {
    const builds = [image, overridden[index] ?? image];
    const keep = image.tags.length > 0 ? image.tags : builds.flatMap((build) => knownTag(build) ?? []);
    const random = randomTags(image);
    return { image: image.image, keep, ...(random === undefined ? {} : { random }) };
  });
}

function randomTags(image: ImageConfig): RegExp | undefined {
  if (hasRandomTag(image)) {
    const escaped = (image.tags[0] ?? '').replaceAll(/[^\w#]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('#', '[a-z]')}$`);
  }
  return image.custom && image.tags.length === 0 && image.custom.onChange.length === 0 ? customRandomTag : undefined;
}

/**
 * Pure: what can be deleted of the images of the engine: `repository:tag` of earlier builds, and by its number what lost
 * its tag but is known to stem from a repository of ours. Tags that no build of ours gives stay, unless `all` is asked for.
 */
export function selectStaleImages(
  there: readonly EngineImage[],
  repositories: readonly OwnRepository[],
  scope: 'outdated' | 'all',
): string[] {
  const newestFirst = [...there].sort((a, b) => b.createdMs - a.createdMs);
  const names = [...new Set(repositories.map(({ image }) => repositoryOf(image)))];
  const tagged = names.flatMap((name) => {
    const own = repositories.filter(({ image }) => repositoryOf(image) === name);
    const tags = newestFirst.flatMap((image) => image.tags).filter((tag) => repositoryOf(tag) === name);
    const stale = scope === 'all' ? tags : tags.filter((tag) => isOutdated(tag, own));
    // the newest random tag is the one that was deployed last
    const latest = own.flatMap(({ random }) => stale.find((tag) => random?.test(tagOf(tag))) ?? []);
    return scope === 'all' ? stale : stale.filter((tag) => !latest.includes(tag));
  });
  const untagged = newestFirst.filter(
    ({ tags, digests }) => tags.length === 0 && digests.some((digest) => names.includes(repositoryOf(digest))),
  );
  return [...tagged, ...untagged.map(({ id }) => id)];
}

function isOutdated(name: string, own: readonly OwnRepository[]): boolean {
  const tag = tagOf(name);
  if (own.some(({ keep }) => keep.includes(tag))) return false;
  return contentTag.test(tag) || own.some(({ random }) => random?.test(tag));
}

const tagOf = (name: string): string => name.slice(name.lastIndexOf(':') + 1);
