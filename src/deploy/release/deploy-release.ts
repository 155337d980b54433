import { refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { ensureNamespace } from '../ensure-namespace.ts';
import type { TaggedImage } from '../image-tags.ts';
import type { PlannedRelease } from '../planned-deployment.ts';
import { reasonOfObjects, reasonOfRecord, wasCutOff } from '../record/compare.ts';
import { readLive } from '../record/live-objects.ts';
import type { Deployed } from '../record/prune.ts';
import { type DeploymentRecord, hashOf, readRecord, writeRecord } from '../record/record.ts';
import { chartDigest } from './chart-digest.ts';
import { type HelmTarget, toHelmTarget } from './helm-target.ts';
import { waitForOtherHelm } from './pending-release.ts';
import { releaseObjects } from './release-objects.ts';
import { type ReleaseState, readReleaseState } from './release-state.ts';
import { releaseValues } from './release-values.ts';
import { upgradeWatched } from './watch-upgrade.ts';

/**
 * Installs or upgrades the release with the images of this run and returns the objects of its manifest. A release that is
 * as the last run left it stays as it is. The namespace is created if it is missing. Rejects with `HELM_FAILED` or, where
 * Helm waits for a workload that cannot become ready, with `DEPLOY_FAILED` and the cause.
 */
export async function deployRelease(
  planned: PlannedRelease,
  images: readonly TaggedImage[],
  run: DeployRun,
): Promise<Deployed> {
  const { name, helm: config, chart, projectRoot } = planned;
  const target = toHelmTarget(config, projectRoot, run);
  const { release, namespace } = target.ref;
  const id = { project: run.project, deployment: name, namespace };
  await ensureNamespace(namespace, run);
  const plan = { release, chart, values: releaseValues(planned, images), args: config.upgradeArgs };
  const hash = hashOf([namespace, { ...plan, chart: chartDigest(chart) }]);
  const record = await readRecord(id, run);
  const known = await compare(target, { record, hash }, run);
  if ('objects' in known) {
    run.log.info(`Skipped ${name}: release ${release} is unchanged; --force-deploy deploys anyway`);
    return { id, outcome: 'skipped', ...known };
  }
  run.log.info(`Deploying ${name}: ${known.reason}`);
  const others = { args: config.upgradeArgs, cutOff: wasCutOff(record) };
  await waitForOtherHelm(target.ref, others, run);
  await writeRecord(id, { release, objects: record?.objects ?? [], stale: [] }, run);
  run.log.status(`Deploying ${name} with Helm`);
  const output = await upgradeWatched(target, plan, run);
  run.log.status(undefined);
  if (config.displayOutput) for (const line of output.trimEnd().split('\n')) run.log.info(line);
  const objects = await releaseObjects(target, run);
  const revision = (await readReleaseState(target.ref, run))?.revision;
  const recorded = {
    hash,
    release,
    objects: objects.map(refOf),
    stale: [],
    ...(revision === undefined ? {} : { revision }),
  };
  const finished = await writeRecord(id, recorded, run);
  const shown = revision === undefined ? '' : `, revision ${revision}`;
  run.log.done(`Deployed ${name} (release ${release}${shown}, namespace ${namespace})`);
  return { id, outcome: 'deployed', record: finished, objects };
}

interface Known {
  readonly record: DeploymentRecord | undefined;
  readonly hash: string;
}

/** Why it is deployed, or what the cluster has of it already. */
async function compare(
  { ref }: HelmTarget,
  { record, hash }: Known,
  run: DeployRun,
): Promise<{ readonly reason: string } | Pick<Deployed, 'record' | 'objects'>> {
  const changed = reasonOfRecord({ record, hash, redeploy: run.redeploy });
  if (changed !== undefined || !record) return { reason: changed ?? '' };
  const state = await readReleaseState(ref, run);
  const ofRelease = reasonOfRelease(state, record);
  if (ofRelease !== undefined) return { reason: ofRelease };
  const live = await readLive(record.objects, run);
  const reason = reasonOfObjects(record.objects, live);
  return reason === undefined ? { record, objects: live.filter((object) => object !== undefined) } : { reason };
}

function reasonOfRelease(state: ReleaseState | undefined, { revision }: DeploymentRecord): string | undefined {
  if (!state) return 'its release is not there';
  if (state.status !== 'deployed') return `its release is ${state.status}`;
  return state.revision === revision ? undefined : `revision ${state.revision} was made by another`;
}
