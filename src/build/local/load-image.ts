import { UserError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';
import type { BuildRun, ClusterLoader } from '../build-run.ts';

const shownLines = 15;

/**
 * Loads images, as `repository:tag`, from the engine into the cluster. An abort ends the program. Rejects with
 * `LOAD_FAILED` and its last lines.
 */
export async function loadImages(
  names: readonly string[],
  { program, args, cluster }: ClusterLoader,
  run: Pick<BuildRun, 'env' | 'log' | 'signal'>,
): Promise<void> {
  const { log, signal, env } = run;
  const words = [...args, ...names];
  log.status(`Loading into ${cluster}`);
  const { failure, exitCode, stdout, stderr } = await runProgram({ program, args: words, cwd: '.', env, signal });
  log.status(undefined);
  if (exitCode === 0) return log.done(`Loaded ${names.join(', ')} into the cluster ${cluster}`);
  const lines =
    failure === undefined ? `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '') : [failure];
  const message = `${program} could not load ${names.join(', ')} into the cluster ${cluster}:`;
  throw new UserError('LOAD_FAILED', [message, ...lines.slice(-shownLines).map((line) => `  ${line}`)].join('\n'), {
    hint: `Try by hand: ${[program, ...words].join(' ')} - or push the images with --skip-push-local-kube=false.`,
  });
}
