import type { ImageConfig } from '../config/types.ts';
import type { BuildChoice, BuildRun, BuiltImage } from './build-run.ts';
import { type BuildContext, contentKey, packContext, planContext, readDockerfile } from './context.ts';
import { buildCustom } from './custom/build-custom.ts';
import { overrideCommand } from './dockerfile.ts';
import { useCredentials } from './registry-auth.ts';

/**
 * Builds one image with the command of its `custom`, else with its Dockerfile, the override applied in memory, and pushes it. An unchanged image keeps its tag:
 * while the engine has that tag it is not built, and while the registry has it, it is not pushed. Says why or why not.
 */
export async function buildImage(image: ImageConfig, choice: BuildChoice, run: BuildRun): Promise<BuiltImage> {
  const log = run.log.child(`build ${image.name}`);
  const { custom } = image;
  if (custom) return buildCustom({ ...image, custom }, choice, { ...run, log });
  const onDisk = readDockerfile(image);
  const context = planContext(image, overrideCommand(onDisk, image), onDisk);
  const { buildArgs, target, network } = image;
  const tags = image.tags.length > 0 ? image.tags : [contentKey(context, { buildArgs, target, network })];
  const [tag = 'latest'] = tags;

  const reason = await reasonToBuild({ image, name: `${image.image}:${tag}` }, choice, run);
  if (reason === undefined) log.info(`Not built: nothing changed, and the engine has ${image.image}:${tag}`);
  else await buildTags({ image, context, tags, reason }, { ...run, log });
  if (choice.push === 'push' && !image.skipPush) await pushImage(image, tags, { ...run, log });
  return { name: image.name, image: image.image, tag };
}

/** Why the image must be built; `undefined` if it need not be. */
async function reasonToBuild(
  { image, name }: { readonly image: ImageConfig; readonly name: string },
  choice: BuildChoice,
  run: BuildRun,
): Promise<string | undefined> {
  if (choice.rebuild === 'always') return 'as you asked';
  if (image.rebuildAlways) return 'its rebuildStrategy is always';
  if (image.tags.length > 0) return 'its tag does not tell what is in it';
  return (await run.docker.hasImage(name, run.signal)) ? undefined : 'the engine has no image of this content';
}

interface ImageToBuild {
  readonly image: ImageConfig;
  readonly context: BuildContext;
  readonly tags: readonly string[];
  readonly reason: string;
}

async function buildTags({ image, context, tags, reason }: ImageToBuild, run: BuildRun): Promise<void> {
  const { buildArgs, target, network } = image;
  const { log } = run;
  log.info(`Building ${image.image}:${tags[0]}: ${reason}`);
  await run.docker.build({
    context: packContext(context),
    dockerfile: context.dockerfile,
    tags: tags.map((name) => `${image.image}:${name}`),
    buildArgs,
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { network }),
    onOutput: (line) => (line.startsWith('Step ') ? log.status(line) : log.debug(line)),
    signal: run.signal,
  });
  log.status(undefined);
}

async function pushImage(image: ImageConfig, tags: readonly string[], run: BuildRun): Promise<void> {
  const credentials = await useCredentials(image.image, run);
  for (const tag of tags) {
    // a tag that follows from the content stands for it in the registry, too
    if (image.tags.length === 0 && (await run.docker.isPushed(`${image.image}:${tag}`, credentials, run.signal))) {
      run.log.info(`Not pushed: the registry has ${image.image}:${tag}`);
      continue;
    }
    const onProgress = (text: string) => run.log.status(text);
    await run.docker.push({ repository: image.image, tag, credentials, onProgress, signal: run.signal });
    run.log.status(undefined);
    run.log.done(`Pushed ${image.image}:${tag}`);
  }
}
