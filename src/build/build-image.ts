import type { ImageConfig } from '../config/types.ts';
import type { BuildRun, BuiltImage, ImageOrder } from './build-run.ts';
import { buildWithCli } from './cli/build-with-cli.ts';
import { pushesItself } from './cli/plan-cli-build.ts';
import { packContext } from './context.ts';
import { buildCustom } from './custom/build-custom.ts';
import { openFileDigests } from './file-digests.ts';
import { isInRegistry } from './is-in-registry.ts';
import { buildWithKaniko, type KanikoOrder } from './kaniko/build-with-kaniko.ts';
import { loadImages } from './local/load-image.ts';
import { type PlannedImage, planImage, withRandomTags } from './plan-image.ts';
import { useCredentials } from './registry-auth.ts';

/**
 * Builds one image with the command of its `custom`, else with its Dockerfile, the override applied in memory, and pushes it or loads it into the cluster. An unchanged image keeps its tag:
 * while the engine has that tag it is not built, and while the registry has it, it is not pushed. Says why or why not.
 */
export async function buildImage(written: ImageConfig, order: ImageOrder, run: BuildRun): Promise<BuiltImage> {
  const log = run.log.child(`build ${written.name}`);
  const image = withRandomTags(written);
  const { custom } = image;
  if (custom) return buildCustom({ ...image, custom }, order, { ...run, log });
  const planned = planImage(image, openFileDigests(image.context, run.env));
  const built = { name: image.name, image: image.image, tag: planned.tags[0] };
  const { inCluster: kaniko } = image;
  if (order.cluster && kaniko) {
    await buildInCluster({ image, planned }, { ...order, kaniko, kube: order.cluster }, { ...run, log });
    return built;
  }

  const reason = await reasonToBuild({ image, planned }, order, run);
  if (reason === undefined) log.info(whyNotBuilt(image, planned));
  else await buildTags({ image, planned, reason }, { ...run, log });
  if (pushesItself(image.cli)) return built;
  if (typeof order.push === 'object') {
    await loadImages(
      planned.tags.map((name) => `${image.image}:${name}`),
      order.push,
      { ...run, log },
    );
  } else if (order.push === 'push' && !image.skipPush) {
    // a tag that follows from the whole content stands for it in the registry, too
    const isKnown = planned.tagTells === 'content' || (planned.tagTells === 'Dockerfile' && reason === undefined);
    await pushImage(image, { tags: planned.tags, skip: isKnown ? 'when there' : 'never' }, { ...run, log });
  }
  return built;
}

/** The cluster builds and pushes; what the registry has under a tag that follows from the content is not built again. */
async function buildInCluster(
  { image, planned }: ImageToLookAt,
  order: ImageOrder & KanikoOrder,
  run: BuildRun,
): Promise<void> {
  const name = `${image.image}:${planned.tags[0]}`;
  const reason =
    forcedReason({ image, planned }, order) ??
    ((await isInRegistry(name, run)) ? undefined : `the registry has no image of this ${planned.tagTells}`);
  if (reason === undefined) return run.log.info(`Not built: nothing changed, and the registry has ${name}`);
  run.log.info(`Building ${name} with kaniko in the cluster: ${reason}`);
  await buildWithKaniko(image, planned, order, run);
}

function whyNotBuilt({ image }: ImageConfig, { tags, tagTells }: PlannedImage): string {
  const what = tagTells === 'Dockerfile' ? 'its Dockerfile did not change' : 'nothing changed';
  return `Not built: ${what}, and the engine has ${image}:${tags[0]}`;
}

interface ImageToLookAt {
  readonly image: ImageConfig;
  readonly planned: PlannedImage;
}

/** Why the image must be built; `undefined` if it need not be. */
async function reasonToBuild(
  { image, planned }: ImageToLookAt,
  order: ImageOrder,
  run: BuildRun,
): Promise<string | undefined> {
  const forced = forcedReason({ image, planned }, order);
  if (forced !== undefined) return forced;
  if (await run.docker.hasImage(`${image.image}:${planned.tags[0]}`, run.signal)) return undefined;
  return `the engine has no image of this ${planned.tagTells}`;
}

/** Why it must be built whatever there is already. */
function forcedReason({ image, planned }: ImageToLookAt, { rebuild }: Pick<ImageOrder, 'rebuild'>): string | undefined {
  if (rebuild === 'always') return 'as you asked';
  if (image.rebuildStrategy === 'always') return 'its rebuildStrategy is always';
  return planned.tagTells === 'nothing' ? 'its tag does not tell what is in it' : undefined;
}

interface ImageToBuild extends ImageToLookAt {
  readonly reason: string;
}

async function buildTags({ image, planned, reason }: ImageToBuild, run: BuildRun): Promise<void> {
  const { buildArgs, target, network } = image;
  const { context, tags } = planned;
  const { log } = run;
  const { cli } = image;
  const program = cli ? ` with ${cli.command.join(' ')}` : '';
  log.info(`Building ${image.image}:${tags[0]}${program}: ${reason}`);
  if (cli) return buildWithCli({ ...image, cli }, planned, run);
  await run.docker.build({
    context: packContext(context),
    dockerfile: context.dockerfile,
    tags: tags.map((name) => `${image.image}:${name}`),
    buildArgs,
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { network }),
    findLogin: (registry) => useCredentials(`${registry}/image`, run),
    onStep: (step) => log.status(step),
    onOutput: (line) => log.debug(line),
    signal: run.signal,
  });
  log.status(undefined);
}

interface Push {
  readonly tags: readonly string[];
  readonly skip: 'when there' | 'never';
}

async function pushImage(image: ImageConfig, { tags, skip }: Push, run: BuildRun): Promise<void> {
  const credentials = await useCredentials(image.image, run);
  for (const tag of tags) {
    if (skip === 'when there' && (await run.docker.isPushed(`${image.image}:${tag}`, credentials, run.signal))) {
      run.log.info(`Not pushed: the registry has ${image.image}:${tag}`);
      continue;
    }
    const onProgress = (text: string) => run.log.status(text);
    await run.docker.push({ repository: image.image, tag, credentials, onProgress, signal: run.signal });
    run.log.status(undefined);
    run.log.done(`Pushed ${image.image}:${tag}`);
  }
}
