import { repositoryOf } from '../kube/image-names.ts';
import type { KubeObject } from '../kube/objects.ts';

/** An image that this run built, as the manifests should name it. */
export interface TaggedImage {
  readonly image: string;
  readonly tag: string;
}

/** Keys under which pod specs hold their containers. */
const containerKeys = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/**
 * The object with the tag of the run at every container whose image is one of ours, whatever tag the manifest names.
 * Only `image` of a container counts; other texts that look like an image stay.
 */
export function replaceImageTags(object: KubeObject, images: readonly TaggedImage[]): KubeObject {
  const tagged = new Map(images.map((entry) => [repositoryOf(entry.image), `${entry.image}:${entry.tag}`]));
  return rewrite(object, tagged) as KubeObject;
}

function rewrite(value: unknown, tagged: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, tagged));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (!containerKeys.has(key) || !Array.isArray(item)) return [key, rewrite(item, tagged)];
      return [key, item.map((container: unknown) => rewriteContainer(container, tagged))];
    }),
  );
}

function rewriteContainer(container: unknown, tagged: ReadonlyMap<string, string>): unknown {
  if (typeof container !== 'object' || container === null || !('image' in container)) return container;
  const { image } = container;
  const name = typeof image === 'string' ? tagged.get(repositoryOf(image)) : undefined;
  return name === undefined ? container : { ...container, image: name };
}
