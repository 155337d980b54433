import { repositoryOf } from '../../kube/image-names.ts';
import type { TaggedImage } from '../image-tags.ts';
import { isMap } from '../merge-values.ts';
import type { ChartValues } from '../planned-deployment.ts';

type Images = readonly Omit<TaggedImage, 'name'>[];

/**
 * The values with the tag of the run at every text that names one of our images, whatever tag it has there. Where the
 * tag stands in a key of its own beside `repository`, it goes there. A name without a slash may be any word, so that it
 * counts only under a key about images, or with a tag.
 */
export function tagImageValues(values: ChartValues, images: Images): ChartValues {
  const tagged = new Map(images.map((image) => [repositoryOf(image.image), image]));
  return tagMap(values, tagged);
}

type Tagged = ReadonlyMap<string, Images[number]>;

function tagMap(map: ChartValues, tagged: Tagged): ChartValues {
  const pair = tagPair(map, tagged);
  const entries = Object.entries(map).map(([key, value]): [string, unknown] => [key, tagValue(value, { key, tagged })]);
  return { ...(Object.fromEntries(entries) as ChartValues), ...pair };
}

interface Place {
  readonly key: string;
  readonly tagged: Tagged;
}

function tagValue(value: unknown, { key, tagged }: Place): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => tagValue(item, { key, tagged }));
  if (isMap(value)) return tagMap(value, tagged);
  if (typeof value !== 'string') return value;
  const repository = repositoryOf(value);
  const image = tagged.get(repository);
  if (!image) return value;
  const isImage = repository.includes('/') || /image|repository/i.test(key) || repository !== value;
  return isImage ? `${image.image}:${image.tag}` : value;
}

/** `repository` and `tag` as charts put them together themselves, `registry` before it as some have it. */
function tagPair(map: ChartValues, tagged: Tagged): ChartValues {
  const { registry, repository } = map;
  if (typeof repository !== 'string' || !('tag' in map)) return {};
  const isSplit = typeof registry === 'string' && registry !== '';
  const image = tagged.get(repositoryOf(isSplit ? `${registry}/${repository}` : repository));
  return image ? { repository, tag: image.tag } : {};
}

/** What differs from the values below it, as values that make them the same. */
export function changedValues(below: ChartValues, above: ChartValues): ChartValues {
  const changes = Object.entries(above).flatMap(([key, value]): [string, unknown][] => {
    const under = below[key];
    if (JSON.stringify(under) === JSON.stringify(value)) return [];
    return [[key, isMap(under) && isMap(value) ? changedValues(under, value) : value]];
  });
  return Object.fromEntries(changes);
}
