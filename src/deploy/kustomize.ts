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
  const { kustomizeBinary = 'kustomize', kubectlBinary = 'kubectl' } = kustomize;
  const ways = [
    { program: kustomizeBinary, args: ['build', ...kustomize.args, folder] },
    { program: kubectlBinary, args: ['kustomize', ...kustomize.args, folder] },
  ];
  for (const way of ways) {
    const result = await runProgram({ ...way, cwd: projectRoot, env, signal });
    if (result.failure !== undefined) continue;
    if (result.exitCode === 0) return parseManifests(result.stdout, `the kustomization ${target.folder}`);
    throw new UserError('DEPLOY_KUSTOMIZE', `Deployment ${name}: ${way.program} cannot build ${target.folder}`, {
      hint: result.stderr.trim() || `It ended with exit code ${result.exitCode}.`,
    });
  }
  throw new UserError(
    'DEPLOY_KUSTOMIZE',
    `Deployment ${name} needs ${kustomizeBinary} or ${kubectlBinary}, and neither can be started.`,
  );
}
