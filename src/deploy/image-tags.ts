import { repositoryOf } from '../kube/image-names.ts';
import type { KubeObject } from '../kube/objects.ts';

/** An image that this run built, as the manifests should name it. */
export interface TaggedImage {
  /** The key under `images`. */
  readonly name: string;
  readonly image: string;
  readonly tag: string;
}

/** Keys under which pod specs hold their containers. */
const containerKeys = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/**
 * The object with the tag of the run at every container whose image is one of ours, whatever tag the manifest names.
 * Only `image` of a container counts; other texts that look like an image stay.
 */
export function replaceImageTags(object: KubeObject, images: readonly Omit<TaggedImage, 'name'>[]): KubeObject {
  const tagged = new Map(images.map((entry) => [repositoryOf(entry.image), `${entry.image}:${entry.tag}`]));
  return rewrite(object, tagged) as KubeObject;
}

/** `image(app)`, `tag(app)`, `${runtime.images.app}`, `${runtime.images.app.image}`, `${runtime.images.app.tag}` */
const imageWords = /(?<![\w-])(image|tag)\(([\w-]+)\)|\$\{runtime\.images\.([\w-]+)(?:\.(image|tag))?\}/g;

/**
 * The object with the words of the configuration that stand for an image of this run filled in, in every text. Names
 * that this run did not build stay as they are.
 */
export function fillImages<T>(value: T, images: readonly TaggedImage[]): T {
  const fill = (item: unknown): unknown => {
    if (typeof item === 'string') return fillText(item, images);
    if (Array.isArray(item)) return item.map(fill);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(value) as T;
}

function fillText(text: string, images: readonly TaggedImage[]): string {
  return text.replace(imageWords, (word, part: string | undefined, key: string | undefined, ...rest: unknown[]) => {
    const [runtimeKey, runtimePart] = rest as (string | undefined)[];
    const found = images.find(({ name }) => name === (key ?? runtimeKey));
    if (!found) return word;
    const wanted = part ?? runtimePart ?? 'both';
    if (wanted === 'both') return `${found.image}:${found.tag}`;
    return wanted === 'tag' ? found.tag : found.image;
  });
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
