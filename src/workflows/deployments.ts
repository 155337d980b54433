import type { DeploymentConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { deployManifests, purgeManifests } from '../deploy/deploy-manifests.ts';
import type { DeployRun } from '../deploy/deploy-run.ts';
import type { TaggedImage } from '../deploy/image-tags.ts';
import type { PlannedDeployment, PlannedObjects, RenderRun } from '../deploy/planned-deployment.ts';
import { type Deployed, pruneStale } from '../deploy/record/prune.ts';
import { listRecords } from '../deploy/record/record.ts';
import { deployRelease } from '../deploy/release/deploy-release.ts';
import { type PurgedRelease, purgeRelease } from '../deploy/release/purge-release.ts';
import { renderDeployment, renderManifests } from '../deploy/render-deployment.ts';
import type { KubeObject, ObjectRef } from '../kube/objects.ts';
import { withFetchedChart } from './charts.ts';
import type { Hooks } from './hooks/hooks.ts';
import type { Project } from './project.ts';
import { type DeploymentLedger, isOwnFailure } from './run-report.ts';
import type { Run } from './tools.ts';

export interface DeployChoice {
  /** Names of deployments; all without it. */
  readonly only?: readonly string[] | undefined;
  readonly conflicts: 'fail' | 'take';
  readonly redeploy: 'when changed' | 'always';
}

/**
 * Renders the wanted deployments and fetches their charts, so that a mistake in them is told before anything is built.
 * `charts` must outlive the deploying.
 */
export async function planDeployments(
  project: Project,
  wanted: readonly DeploymentConfig[],
  run: Run & Pick<RenderRun, 'charts'> & Ledgered,
): Promise<PlannedDeployment[]> {
  return Promise.all(
    wanted.map(async (deployment) => {
      try {
        return await renderDeployment(await withFetchedChart(deployment, project.root, run), project.root, run);
      } catch (error) {
        run.ledger?.failed(deployment.name, error);
        throw error;
      }
    }),
  );
}

interface Ledgered {
  /** Where what becomes of each deployment is noted. */
  readonly ledger?: DeploymentLedger;
}

/** What purging needs of a deployment. */
export type PurgedDeployment = PlannedObjects | PurgedRelease;

/** Renders what is to be purged; of charts nothing is needed. */
export async function planPurge(
  project: Project,
  only: readonly string[] | undefined,
  run: Run,
): Promise<PurgedDeployment[]> {
  return Promise.all(
    selectDeployments(project, only).map(async (deployment) => {
      if (deployment.type !== 'helm') return renderManifests(deployment, project.root, run);
      return { kind: 'release' as const, name: deployment.name, helm: deployment, projectRoot: project.root };
    }),
  );
}

/** What was deployed once and has left the configuration since: it is purged with the rest. */
export async function planOrphanPurge(
  { name, root, config }: Project,
  run: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<PurgedDeployment[]> {
  const { namespace } = run.kube;
  const records = await listRecords({ project: name, namespace }, run);
  const orphans = records.filter(({ deployment }) => config.deployments.every((known) => known.name !== deployment));
  return orphans.map(({ deployment, record: { release } }): PurgedDeployment => {
    if (release !== undefined) {
      const helm = { name: deployment, releaseName: release, namespace, legacy: {} };
      return { kind: 'release', name: deployment, helm, projectRoot: root };
    }
    const nothing = {
      objects: [],
      patches: [],
      updateImageTags: true,
      imageWords: 'kept',
      forceConflicts: false,
    } as const;
    return { kind: 'objects', name: deployment, namespace, ...nothing };
  });
}

export interface HookedDeployRun extends DeployRun {
  readonly hooks: Hooks;
}

/** What deploying has brought. */
export interface DeployedAll {
  readonly deployments: readonly Deployed[];
  /** What left the manifests since the last time, and was deleted. */
  readonly pruned: readonly ObjectRef[];
  /** Of all deployments, as the cluster has them. */
  readonly objects: readonly KubeObject[];
}

/** Deploys in the order of the list, then deletes what left the manifests since the last time. */
export async function deployAll(
  deployments: readonly PlannedDeployment[],
  images: readonly TaggedImage[],
  run: HookedDeployRun & Ledgered,
): Promise<DeployedAll> {
  return run.hooks.around({ step: 'deploy' }, async () => {
    const deployed: Deployed[] = [];
    for (const deployment of deployments) {
      const deploy = (): Promise<Deployed> =>
        deployment.kind === 'release'
          ? deployRelease(deployment, images, run)
          : deployManifests(deployment, images, run);
      const { name } = deployment;
      try {
        const result = await run.hooks.around({ step: 'deploy', name }, deploy, factsOf(deployment));
        deployed.push(result);
        run.ledger?.deployed(name, result);
      } catch (error) {
        if (isOwnFailure(error, run.signal)) run.ledger?.failed(name, error);
        throw error;
      }
    }
    const pruned = await pruneStale(deployed, run);
    return { deployments: deployed, pruned, objects: deployed.flatMap(({ objects }) => objects) };
  });
}

/** Choices of deploying that mean nothing to purging. */
export const purging = { conflicts: 'fail', redeploy: 'when changed' } as const;

/** What was there of a deployment, and is deleted. */
export interface PurgeReport {
  readonly project: string;
  readonly name: string;
  readonly objects: readonly ObjectRef[];
}

/** Deletes what the deployments describe, in the order given. */
export async function purgeAll(deployments: readonly PurgedDeployment[], run: HookedDeployRun): Promise<PurgeReport[]> {
  return run.hooks.around({ step: 'purge' }, async () => {
    const reports: PurgeReport[] = [];
    for (const deployment of deployments) {
      const purge = () =>
        deployment.kind === 'release' ? purgeRelease(deployment, run) : purgeManifests(deployment, run);
      const objects = await run.hooks.around({ step: 'purge', name: deployment.name }, purge, factsOf(deployment));
      reports.push({ project: run.project, name: deployment.name, objects });
    }
    return reports;
  });
}

const factsOf = ({ name }: { readonly name: string }) => ({ DEPLOY_NAME: name });

/** The deployments that the flag names, in the order of the configuration. Throws `USAGE` for an unknown name. */
export function selectDeployments(project: Project, only: readonly string[] | undefined): readonly DeploymentConfig[] {
  const { deployments } = project.config;
  if (!only) return deployments;
  for (const name of only) {
    if (deployments.some((deployment) => deployment.name === name)) continue;
    const names = deployments.map((deployment) => deployment.name).join(', ') || 'none';
    throw new UserError('USAGE', `There is no deployment ${name}.`, { hint: `This project has: ${names}.` });
  }
  return deployments.filter(({ name }) => only.includes(name));
}
