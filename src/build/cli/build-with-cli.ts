import type { ImageConfig } from '../../config/types.ts';
import { UserError } from '../../core/errors.ts';
import type { BuildRun } from '../build-run.ts';
import { packContext } from '../context.ts';
import type { PlannedImage } from '../plan-image.ts';
import { runBuildCommand } from '../run-build-command.ts';
import { planCliBuild } from './plan-cli-build.ts';

const shownLines = 15;

/**
 * Builds with the `docker` program, where the configuration asks for what the API of the engine cannot do. An abort
 * ends the program. `BUILD_FAILED` with its last lines; `COMMAND_START` if it is not installed.
 */
export async function buildWithCli(
  image: ImageConfig & { readonly cli: NonNullable<ImageConfig['cli']> },
  { context, tags }: PlannedImage,
  run: BuildRun,
): Promise<void> {
  const { buildArgs, target, network } = image;
  const names = tags.map((tag) => `${image.image}:${tag}`);
  const command = planCliBuild(image.cli, { dockerfile: context.dockerfile, tags: names, buildArgs, target, network });
  const lastLines: string[] = [];
  const exitCode = await runBuildCommand(
    { kind: 'program', program: command.program, args: command.args },
    {
      cwd: image.context,
      env: { ...run.env, ...hostOf(run), ...command.env },
      signal: run.signal,
      input: packContext(context),
      remedy: 'Install it, or let the engine build without `docker.useCli`, `docker.args` and `buildKit`.',
      onOutput(line) {
        lastLines.push(line);
        if (lastLines.length > shownLines) lastLines.shift();
        run.log.status(line);
        run.log.debug(line);
      },
    },
  );
  run.log.status(undefined);
  if (exitCode === 0) return;
  const words = [`${image.cli.command.join(' ')} build of image ${image.name} ended with exit code ${exitCode}:`];
  throw new UserError('BUILD_FAILED', [...words, ...lastLines.map((line) => `  ${line}`)].join('\n'), {
    ...(image.cli.kind === 'buildx' ? { hint: 'If buildx is missing: it is a plugin of the docker program.' } : {}),
  });
}

function hostOf({ docker: { address } }: BuildRun): Record<string, string> {
  if (address === undefined) return {};
  const { host, certFolder } = address;
  if (certFolder === undefined) return { DOCKER_HOST: host };
  return { DOCKER_HOST: host, DOCKER_CERT_PATH: certFolder, DOCKER_TLS_VERIFY: '1' };
}
