import { buildImage } from '../build/build-image.ts';
import type { BuildChoice, BuiltImage } from '../build/build-run.ts';
import { expectedImage } from '../build/expected-image.ts';
import type { ImageConfig } from '../config/types.ts';
import { mapParallel } from '../core/map-parallel.ts';
import { chooseClusters, explainFailure } from './build-in-cluster.ts';
import { combinedStatus } from './combined-status.ts';
import type { Hooks } from './hooks/hooks.ts';
import { chooseRoutes, type ImagesOfCluster } from './image-delivery.ts';
import type { Project } from './project.ts';
import { isOwnFailure, type ReportedImage, type RunReport } from './run-report.ts';
import type { Run } from './tools.ts';

/** A run of a command that tells the hooks of the project what it does. */
export interface HookedRun extends Run {
  readonly hooks: Hooks;
  /** Where what becomes of each image is noted. */
  readonly report?: Pick<RunReport, 'images'>;
}

/** How to come to the images: build them, or take for granted that they are there with the tags that they would have. */
export type ImageChoice = BuildChoice | 'skip';

/** The images as the configuration of the project has them. */
export const imagesOf = ({ config, kubeChoice }: Project): ImagesOfCluster => ({ images: config.images, kubeChoice });

/** The images of the run. With `skip` nothing is built or pushed, and no engine is contacted. */
export async function provideImages(
  wanted: ImagesOfCluster,
  choice: ImageChoice,
  run: HookedRun,
): Promise<BuiltImage[]> {
  if (choice !== 'skip') return buildAndPush(wanted, choice, run);
  const expected = wanted.images.filter(({ disabled }) => !disabled).map(expectedImage);
  run.report?.images.push(...expected);
  return expected;
}

/**
 * Builds the images at the same time, as many as the choice allows, and brings them to the cluster. The first failure ends the others.
 * Without images no engine is contacted.
 */
export async function buildAndPush(
  { images, kubeChoice }: ImagesOfCluster,
  choice: BuildChoice,
  run: HookedRun,
): Promise<BuiltImage[]> {
  const wanted = images.filter(({ disabled, name }) => {
    if (disabled) run.log.info(`Image ${name} is not built: build.disabled is set`);
    return !disabled;
  });
  if (wanted.length === 0) return [];
  return run.hooks.around({ step: 'build' }, async () => {
    // a custom command may do without an engine, and brings its image to the cluster itself
    const ours = wanted.filter(({ custom }) => custom === undefined);
    const byEngine = ours.filter(({ inCluster }) => inCluster?.when !== 'always');
    const routeOf = await chooseRoutes({ images: byEngine, kubeChoice }, choice, run);
    const clusterOf = await chooseClusters({ images: ours, kubeChoice }, routeOf, run);
    const log = combinedStatus(run.log);
    const options = { limit: choice.atOnce ?? wanted.length, signal: run.signal };
    const outcomes = new Map<ImageConfig, ReportedImage>();
    try {
      return await mapParallel(wanted, options, async (image, signal) => {
        const { name, image: repository } = image;
        const facts = { IMAGE_CONFIG_NAME: name, IMAGE_NAME: repository };
        const { docker, delivery } = routeOf(image);
        const cluster = clusterOf(image);
        const order = { ...choice, push: cluster ? fromCluster(choice) : delivery, cluster: cluster?.kube };
        const build = () => buildImage(image, order, { ...run, docker, log, signal });
        try {
          const built = await run.hooks.around({ step: 'build', name }, build, facts);
          outcomes.set(image, built);
          return built;
        } catch (failure) {
          const error = explainFailure(failure, cluster);
          if (isOwnFailure(error, signal)) outcomes.set(image, { name, image: repository, error });
          throw error;
        }
      });
    } finally {
      run.report?.images.push(...wanted.flatMap((image) => outcomes.get(image) ?? []));
    }
  });
}

/** The cluster itself has nothing of what it builds, so a push is the only way. */
const fromCluster = ({ push }: BuildChoice) => (push === 'keep local' ? push : 'push');
