import { UserError } from '../core/errors.ts';
import { type ProgramResult, runProgram } from '../core/run-program.ts';

/** The `helm` program, and the cluster that it is to act on. */
export interface Helm {
  /** Name on the PATH, or a path. */
  readonly program: string;
  readonly cwd: string;
  /** Made by `helmEnvironment`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface HelmCluster {
  /** As `KUBECONFIG` names files; absent: the service account of the pod that we run in. */
  readonly kubeconfig?: string | undefined;
  readonly context: string;
  readonly namespace: string;
}

/** What a call of Helm needs besides the program. */
export interface HelmCall {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly graceMs?: number;
}

/**
 * The environment of Helm: what the user has set for it, but nothing that leads it to another cluster or namespace than
 * ours (`helm env` lists them).
 */
export function helmEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { kubeconfig, driver }: { readonly kubeconfig?: string | undefined; readonly driver?: string | undefined },
): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !/^(HELM_KUBE\w*|HELM_NAMESPACE|KUBECONFIG)$/.test(name));
  return {
    ...Object.fromEntries(kept),
    ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    ...(driver === undefined ? {} : { HELM_DRIVER: driver }),
  };
}

/** The flags that lead Helm to the cluster. */
export const clusterFlags = ({ kubeconfig, context, namespace }: HelmCluster): string[] => [
  '--namespace',
  namespace,
  ...(kubeconfig === undefined ? [] : ['--kube-context', context]),
];

/** Runs Helm. Rejects with `HELM_MISSING` if it cannot be started; its exit code is left to the caller. */
export async function runHelm(helm: Helm, call: HelmCall): Promise<ProgramResult> {
  const { program, cwd, env, signal } = helm;
  const result = await runProgram({ ...call, program, cwd, env, signal });
  if (result.failure === undefined) return result;
  throw new UserError('HELM_MISSING', `Helm cannot be started: ${result.failure}`);
}

/** The major version, 3 or newer. Rejects with `HELM_MISSING` for none, or for Helm 2. */
export async function helmVersion(helm: Helm): Promise<number> {
  const { stdout, exitCode } = await runHelm(helm, { args: ['version', '--short'] });
  const major = /v(\d+)\.\d+/.exec(stdout)?.[1];
  if (exitCode === 0 && major !== undefined && Number(major) >= 3) return Number(major);
  const found = stdout.trim().split('\n')[0] || 'an unknown version';
  throw new UserError('HELM_MISSING', `Charts need Helm 3 or newer, but ${helm.program} is ${found}`);
}

/** What Helm says about its failure, without the word `Error:` and its notes about deprecated flags. */
export function helmWords({ stderr, exitCode }: ProgramResult): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const first = lines.findIndex((line) => /^Error: /.test(line));
  const words = (first < 0 ? lines : lines.slice(first)).join('\n').replace(/^Error: /, '');
  return words || `it ended with exit code ${exitCode}`;
}
