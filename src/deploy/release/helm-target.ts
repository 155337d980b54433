import type { HelmDeployment } from '../../config/types.ts';
import { type Helm, type HelmCluster, helmEnvironment } from '../../helm/run-helm.ts';
import type { DeployRun } from '../deploy-run.ts';
import { helmProgram } from './helm-program.ts';
import type { ReleaseRef } from './release-state.ts';

/** A release in the cluster of the run, and the Helm that is led to exactly that cluster. */
export interface HelmTarget {
  readonly helm: Helm;
  readonly cluster: HelmCluster;
  readonly ref: ReleaseRef;
}

/** What must be known of a release that is there. */
export type InstalledRelease = Pick<HelmDeployment, 'name' | 'releaseName' | 'namespace' | 'legacy'>;

export function toHelmTarget(deployment: InstalledRelease, projectRoot: string, run: DeployRun): HelmTarget {
  const { kubeconfig, context, namespace: ofRun } = run.kube;
  const namespace = deployment.namespace ?? ofRun;
  const driver = deployment.legacy.driver ?? run.env['HELM_DRIVER'];
  const env = helmEnvironment(run.env, { kubeconfig, driver });
  return {
    helm: { program: helmProgram(deployment, projectRoot), cwd: projectRoot, env, signal: run.signal },
    cluster: { kubeconfig, context, namespace },
    ref: { release: deployment.releaseName, namespace, driver },
  };
}
