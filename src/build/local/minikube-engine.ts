import { runProgram } from '../../core/run-program.ts';
import type { EngineAddress } from '../../docker/client.ts';
import type { BuildRun } from '../build-run.ts';

/** It asks a virtual machine, which may hang. */
const answerWithinMs = 30_000;

/**
 * The Docker Engine inside minikube, as `minikube docker-env` tells it; `of the run` if the environment names it
 * already. `undefined` without the program, and for a cluster whose nodes run on no Docker Engine.
 */
export async function findMinikubeEngine(
  profile: string,
  { env, log, signal }: Pick<BuildRun, 'env' | 'log' | 'signal'>,
): Promise<EngineAddress | 'of the run' | undefined> {
  if (env['MINIKUBE_ACTIVE_DOCKERD'] === profile) return 'of the run';
  const program = { program: 'minikube', args: ['docker-env', '--shell', 'none', '--profile', profile], cwd: '.', env };
  const deadline = AbortSignal.timeout(answerWithinMs);
  try {
    const result = await runProgram({ ...program, signal: AbortSignal.any([signal, deadline]) });
    const engine = result.exitCode === 0 ? parseDockerEnv(result.stdout) : undefined;
    if (!engine) log.debug(`minikube docker-env names no engine: ${result.failure ?? result.stderr.trim()}`);
    return engine;
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    log.warn(`minikube docker-env did not answer within ${answerWithinMs / 1000} s`);
    return undefined;
  }
}

/** Pure: the engine in lines as `DOCKER_HOST=tcp://192.168.49.2:2376`; only one that is reached over TLS. */
export function parseDockerEnv(output: string): EngineAddress | undefined {
  const valueOf = (name: string) =>
    new RegExp(`^${name}=(.*)$`, 'm')
      .exec(output)?.[1]
      ?.trim()
      .replace(/^"(.*)"$/, '$1');
  const [host, certFolder] = [valueOf('DOCKER_HOST'), valueOf('DOCKER_CERT_PATH')];
  return host?.startsWith('tcp://') && certFolder ? { host, certFolder } : undefined;
}
