import type { HelmDeployment } from '../../config/types.ts';
import { uninstallRelease } from '../../helm/releases.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { ensureNamespace } from '../ensure-namespace.ts';
import type { TaggedImage } from '../image-tags.ts';
import type { PlannedRelease } from '../planned-deployment.ts';
import { podSelector } from '../rollout.ts';
import { waitGone } from '../wait-gone.ts';
import { type HelmTarget, toHelmTarget } from './helm-target.ts';
import { waitForOtherHelm } from './pending-release.ts';
import { releaseObjects } from './release-objects.ts';
import { readReleaseState } from './release-state.ts';
import { releaseValues } from './release-values.ts';
import { upgradeWatched } from './watch-upgrade.ts';

/**
 * Installs or upgrades the release with the images of this run and returns the objects of its manifest. The namespace is
 * created if it is missing. Rejects with `HELM_FAILED` or, where Helm waits for a workload that cannot become ready,
 * with `DEPLOY_FAILED` and the cause.
 */
export async function deployRelease(
  { name, helm: config, chart, projectRoot, ...planned }: PlannedRelease,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<KubeObject[]> {
  const target = toHelmTarget(config, projectRoot, run);
  const { release, namespace } = target.ref;
  await ensureNamespace(namespace, run);
  await waitForOtherHelm(target.ref, config.upgradeArgs, run);
  run.log.status(`Deploying ${name} with Helm`);
  const values = releaseValues({ name, helm: config, chart, projectRoot, ...planned }, images);
  const output = await upgradeWatched(target, { release, chart, values, args: config.upgradeArgs }, run);
  run.log.status(undefined);
  if (config.displayOutput) for (const line of output.trimEnd().split('\n')) run.log.info(line);
  const objects = await releaseObjects(target, run);
  const state = await readReleaseState(target.ref, run);
  const revision = state ? `, revision ${state.revision}` : '';
  run.log.done(`Deployed ${name} (release ${release}${revision}, namespace ${namespace})`);
  return objects;
}

/** What purging needs to know about a release: nothing of its chart. */
export interface PurgedRelease {
  readonly kind: 'release';
  readonly name: string;
  readonly helm: HelmDeployment;
  readonly projectRoot: string;
}

/** Uninstalls the release and waits until its objects are gone. Returns what existed. */
export async function purgeRelease(
  { name, helm: config, projectRoot }: PurgedRelease,
  run: DeployRun,
): Promise<ObjectRef[]> {
  const target = toHelmTarget(config, projectRoot, run);
  const { release, namespace } = target.ref;
  if (!(await mayExist(target, run))) {
    run.log.done(`Purged ${name} (there is no release ${release} in namespace ${namespace})`);
    return [];
  }
  run.log.status(`Uninstalling ${release}`);
  const objects = (await releaseObjects(target, run)).filter((object) => !isKept(object));
  await uninstallRelease(target.helm, { release, args: config.legacy.deleteArgs ?? [] }, target.cluster);
  const deleted = objects.map((object) => ({ ref: refOf(object), labelSelector: podSelector(object) }));
  await waitGone(deleted, run);
  run.log.status(undefined);
  run.log.done(`Purged ${name} (release ${release}, namespace ${namespace})`);
  return deleted.map(({ ref }) => ref);
}

/** Releases in a database cannot be seen in the cluster; Helm knows. */
async function mayExist({ ref }: HelmTarget, run: DeployRun): Promise<boolean> {
  if (ref.driver !== undefined && !/^(secret|configmap)s?$/.test(ref.driver)) return true;
  return (await readReleaseState(ref, run)) !== undefined;
}

/** Objects that Helm leaves alone when it uninstalls (https://helm.sh/docs/howto/charts_tips_and_tricks). */
function isKept({ metadata }: KubeObject): boolean {
  const annotations = metadata['annotations'] as Readonly<Record<string, string>> | undefined;
  return annotations?.['helm.sh/resource-policy'] === 'keep';
}
