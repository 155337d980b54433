import { uninstallRelease } from '../../helm/releases.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { forgetRecord } from '../record/record.ts';
import { podSelector } from '../rollout.ts';
import { waitGone } from '../wait-gone.ts';
import { type HelmTarget, type InstalledRelease, toHelmTarget } from './helm-target.ts';
import { releaseObjects } from './release-objects.ts';
import { readReleaseState } from './release-state.ts';

/** What purging needs to know about a release: nothing of its chart. */
export interface PurgedRelease {
  readonly kind: 'release';
  readonly name: string;
  readonly helm: InstalledRelease;
  readonly projectRoot: string;
}

/** Uninstalls the release and waits until its objects are gone. Returns what existed. */
export async function purgeRelease(
  { name, helm: config, projectRoot }: PurgedRelease,
  run: DeployRun,
): Promise<ObjectRef[]> {
  const target = toHelmTarget(config, projectRoot, run);
  const { release, namespace } = target.ref;
  const id = { project: run.project, deployment: name, namespace };
  if (!(await mayExist(target, run))) {
    await forgetRecord(id, run);
    run.log.done(`Purged ${name} (there is no release ${release} in namespace ${namespace})`);
    return [];
  }
  run.log.status(`Uninstalling ${release}`);
  const objects = (await releaseObjects(target, run)).filter((object) => !isKept(object));
  await uninstallRelease(target.helm, { release, args: config.legacy.deleteArgs ?? [] }, target.cluster);
  const deleted = objects.map((object) => ({ ref: refOf(object), labelSelector: podSelector(object) }));
  await waitGone(deleted, run);
  await forgetRecord(id, run);
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
const isKept = ({ metadata }: KubeObject): boolean => metadata.annotations?.['helm.sh/resource-policy'] === 'keep';
