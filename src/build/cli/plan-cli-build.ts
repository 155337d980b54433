import type { CliBuild } from '../../config/types.ts';

/** What is built, as the program is told it. */
export interface CliRequest {
  /** Path of the Dockerfile in the archive that comes on stdin. */
  readonly dockerfile: string;
  /** `repository:tag`, at least one. */
  readonly tags: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target?: string | undefined;
  readonly network?: string | undefined;
}

export interface CliCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** What the program gets beyond the environment of the run. */
  readonly env: Readonly<Record<string, string>>;
}

/** The program reads these itself, so they cannot hold the value of a build argument. */
const readByProgram = /^(PATH|HOME|KUBECONFIG|SSH_.*|XDG_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|.*_PROXY)$/i;
const resultArgs = /^(--load|--push|--output|-o)(=|$)/;

/**
 * Pure: the call of `docker build` or `docker buildx build` that reads the context from stdin and leaves the image in
 * the engine. Values of build arguments travel in the environment, where the list of processes does not show them.
 */
export function planCliBuild(cli: CliBuild, request: CliRequest): CliCommand {
  const [program = 'docker', ...words] = cli.command;
  const entries = Object.entries(request.buildArgs);
  const hidden = entries.filter(([name]) => !readByProgram.test(name));
  const named = entries.map(([name, value]) => (readByProgram.test(name) ? `${name}=${value}` : name));
  const loads = cli.kind === 'buildx' && !cli.args.some((arg) => resultArgs.test(arg));
  const args = [
    ...words,
    'build',
    ...request.tags.flatMap((tag) => ['--tag', tag]),
    '--file',
    request.dockerfile,
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...(request.network === undefined ? [] : ['--network', request.network]),
    ...named.flatMap((arg) => ['--build-arg', arg]),
    ...(loads ? ['--load'] : []),
    ...cli.args,
    '-',
  ];
  return { program, args, env: { ...Object.fromEntries(hidden), ...(cli.buildKit ? { DOCKER_BUILDKIT: '1' } : {}) } };
}

/** Whether the program itself pushes what it builds. */
export const pushesItself = (cli: CliBuild | undefined): boolean => cli?.args.includes('--push') ?? false;
