import { fillImages, type TaggedImage } from '../image-tags.ts';
import { mergeValues } from '../merge-values.ts';
import type { ChartValues, PlannedRelease } from '../planned-deployment.ts';
import { changedValues, tagImageValues } from './image-values.ts';

/**
 * The values that Helm gets: those of the files in their order, those of the configuration over them, all with the
 * images of this run. Of the chart's own values only those are repeated that name one of our images.
 */
export function releaseValues(release: PlannedRelease, images: readonly TaggedImage[]): ChartValues {
  const tag = (values: ChartValues) => (release.updateImageTags ? tagImageValues(values, images) : values);
  const ofChart = changedValues(release.chartValues, tag(release.chartValues));
  // words such as image(app) give names without a tag, which must stay so
  const own = fillImages(tag(release.helm.values), images);
  return mergeValues([ofChart, ...release.fileValues.map(tag), own]);
}
