import { randomInt } from 'node:crypto';
import type { CustomBuild, ImageConfig } from '../../config/types.ts';
import { UserError } from '../../core/errors.ts';
import type { BuildRun, BuiltImage, ImageOrder } from '../build-run.ts';
import { contentKey } from '../context.ts';
import { isInRegistry } from '../is-in-registry.ts';
import { runBuildCommand } from '../run-build-command.ts';
import { matchingFiles } from './changed-files.ts';
import { planBuildCommand } from './plan-command.ts';

/**
 * Builds an image with the command of the configuration, which also pushes it. Without `onChange` it always runs, and
 * gets a random tag if the configuration names none; with it the tag follows from the files, and the command runs if
 * neither the engine nor the registry has that tag.
 */
export async function buildCustom(
  image: ImageConfig & { readonly custom: CustomBuild },
  order: Pick<ImageOrder, 'rebuild'>,
  run: BuildRun,
): Promise<BuiltImage> {
  const { custom, name } = image;
  const { log, signal } = run;
  const built = { name, image: image.image, tag: customTag(image) ?? randomTag() };
  const reason = await reasonToRun(image, { order, built }, run);
  if (reason === undefined) {
    log.info(`Not built: nothing changed, and ${built.image}:${built.tag} is there`);
    return built;
  }
  const command = planBuildCommand(custom, built, process.platform);
  const program = command.kind === 'program' ? command.program : 'its script';
  log.info(`Building ${built.image}:${built.tag} with ${program}: ${reason}`);
  const { folder: cwd } = custom;
  const remedy = 'Install it, or correct `custom.command` of the image.';
  const onOutput = (line: string) => log.info(line);
  const exitCode = await runBuildCommand(command, { cwd, env: run.env, signal, remedy, onOutput });
  if (exitCode !== 0) {
    throw new UserError('BUILD_FAILED', `The command that builds image ${name} ended with exit code ${exitCode}.`, {
      hint: 'Its output is above. Run it by hand, or correct `custom` of the image.',
    });
  }
  log.done(`Built ${built.image}:${built.tag}`);
  return built;
}

/** The tag that is known before the build: the first of the configuration, or what follows from the watched files. */
export function customTag({ tags, custom }: ImageConfig & { readonly custom: CustomBuild }): string | undefined {
  const [fixed] = tags;
  if (fixed !== undefined) return fixed;
  if (custom.onChange.length === 0) return undefined;
  const { folder, ...options } = custom;
  const files = matchingFiles(folder, custom.onChange);
  return contentKey({ files, additions: [], dockerfile: '', dockerfileText: '' }, options);
}

interface Plan {
  readonly order: Pick<ImageOrder, 'rebuild'>;
  readonly built: BuiltImage;
}

async function reasonToRun(image: ImageConfig, { order, built }: Plan, run: BuildRun): Promise<string | undefined> {
  if (order.rebuild === 'always') return 'as you asked';
  if (image.rebuildStrategy === 'always') return 'its rebuildStrategy is always';
  if (image.tags.length > 0) return 'its tag does not tell what is in it';
  if (image.custom?.onChange.length === 0) return 'it has no onChange';
  const { image: repository, tag } = built;
  return (await isThere(`${repository}:${tag}`, run)) ? undefined : 'there is no image of this content yet';
}

/** The command may well work without an engine; then nobody can tell. */
async function isThere(name: string, run: BuildRun): Promise<boolean> {
  try {
    if (await run.docker.hasImage(name, run.signal)) return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'DOCKER_UNREACHABLE') return false;
    throw error;
  }
  return isInRegistry(name, run);
}

/** Seven letters, as the original makes them. */
function randomTag(): string {
  return Array.from({ length: 7 }, () => String.fromCharCode(97 + randomInt(26))).join('');
}
