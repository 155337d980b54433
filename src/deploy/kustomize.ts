import { statSync } from 'node:fs';
import path from 'node:path';
import type { KustomizeConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';
import type { KubeObject } from '../kube/objects.ts';
import { parseManifests } from './collect-manifests.ts';
import type { RenderRun } from './planned-deployment.ts';

interface Kustomization {
  /** Of the deployment. */
  readonly name: string;
  /** The folder, or its `kustomization.yaml`; relative to the project. */
  readonly folder: string;
  readonly kustomize: KustomizeConfig;
  readonly projectRoot: string;
}

/**
 * The objects that kustomize makes of a folder, by the `kustomize` program or, without one, by `kubectl kustomize`.
 * Rejects with `DEPLOY_KUSTOMIZE` if there is neither, or with what the program says.
 */
export async function buildKustomization(
  target: Kustomization,
  { env, signal }: Pick<RenderRun, 'env' | 'signal'>,
): Promise<KubeObject[]> {
  const { name, kustomize, projectRoot } = target;
  const absolute = path.resolve(projectRoot, target.folder.replace(/\*+$/, ''));
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true;
  const folder = isFolder ? absolute : path.dirname(absolute);
  for (const way of waysToBuild(kustomize, folder)) {
    const result = await runProgram({ ...way, cwd: projectRoot, env, signal });
    if (result.failure !== undefined && way.isOptional) continue;
    if (result.failure !== undefined) {
      throw new UserError(
        'DEPLOY_KUSTOMIZE',
        `Deployment ${name}: ${way.setting} cannot be started: ${result.failure}`,
        {
          hint: `Correct ${way.setting} in the configuration, or remove it to use the program of the PATH.`,
        },
      );
    }
    if (result.exitCode === 0) return parseManifests(result.stdout, `the kustomization ${target.folder}`);
    throw new UserError('DEPLOY_KUSTOMIZE', `Deployment ${name}: ${way.program} cannot build ${target.folder}`, {
      hint: result.stderr.trim() || `It ended with exit code ${result.exitCode}.`,
    });
  }
  throw new UserError('DEPLOY_KUSTOMIZE', `Deployment ${name} needs kustomize or kubectl, and neither can be started.`);
}

interface Way {
  readonly program: string;
  readonly args: readonly string[];
  /** Another way is tried if the program is not there; one that the user has named must be there. */
  readonly isOptional: boolean;
  readonly setting: string;
}

/** What the user has named counts, `kustomizeBinaryPath` first; else what is on the PATH. */
function waysToBuild({ args, kustomizeBinary, kubectlBinary }: KustomizeConfig, folder: string): Way[] {
  const kustomize = { args: ['build', ...args, folder], setting: 'kustomizeBinaryPath' };
  const kubectl = { args: ['kustomize', ...args, folder], setting: 'kubectlBinaryPath' };
  if (kustomizeBinary !== undefined) return [{ ...kustomize, program: kustomizeBinary, isOptional: false }];
  if (kubectlBinary !== undefined) return [{ ...kubectl, program: kubectlBinary, isOptional: false }];
  return [
    { ...kustomize, program: 'kustomize', isOptional: true },
    { ...kubectl, program: 'kubectl', isOptional: true },
  ];
}
