import { sleep } from '../../core/abort.ts';
import { isCancelled, type UserError } from '../../core/errors.ts';
import { type ReleasePlan, upgradeRelease } from '../../helm/releases.ts';
import { type KubeObject, refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { isWorkload, rolloutOf } from '../rollout.ts';
import { findCause } from '../wait-ready.ts';
import type { HelmTarget } from './helm-target.ts';
import { releaseObjects } from './release-objects.ts';
import { isPending, type ReleaseState, readReleaseState } from './release-state.ts';

const pollMs = 1_000;

/**
 * Upgrades the release. While Helm waits for the workloads (`--wait`, `--atomic`), their pods are looked at: as soon as
 * it is certain that one cannot become ready Helm is ended, which takes the release back if it was asked to, and the
 * cause is thrown as `DEPLOY_FAILED` instead of a time-out minutes later.
 */
export async function upgradeWatched(target: HelmTarget, plan: ReleasePlan, run: DeployRun): Promise<string> {
  if (!waitsForWorkloads(plan.args)) return upgradeRelease(target.helm, plan, target.cluster);
  const upgraded = new AbortController();
  const hopeless = new AbortController();
  const watching = waitForCause(target, { ...run, signal: AbortSignal.any([run.signal, upgraded.signal]) }).then(
    (cause) => {
      hopeless.abort();
      return cause;
    },
  );
  // it ends with the upgrade, which is what is waited for
  watching.catch(() => {});
  const helm = { ...target.helm, signal: AbortSignal.any([run.signal, hopeless.signal]) };
  try {
    return await upgradeRelease(helm, plan, target.cluster);
  } catch (error) {
    if (hopeless.signal.aborted && !run.signal.aborted) throw await watching;
    throw error;
  } finally {
    upgraded.abort();
    await watching.catch(() => {});
  }
}

/** Whether Helm itself is to wait until the workloads are ready. */
export const waitsForWorkloads = (args: readonly string[]): boolean =>
  args.some((arg) => /^--(wait|atomic|rollback-on-failure)(=(true|watcher|legacy))?$/.test(arg));

/** Resolves once a new pod of the release cannot become ready. Ends only with its signal otherwise. */
async function waitForCause(target: HelmTarget, run: DeployRun): Promise<UserError> {
  let begun: Begun | undefined;
  for (;;) {
    await sleep(pollMs, run.signal);
    try {
      begun = await refresh(begun, target, run);
      const cause = begun && (await causeAmong(begun, run));
      if (cause) return cause;
    } catch (error) {
      if (isCancelled(error) || run.signal.aborted) throw error;
      run.log.debug(`The pods of ${target.ref.release} cannot be looked at: ${String(error)}`);
    }
  }
}

/** The revision that Helm works on. */
interface Begun {
  readonly state: ReleaseState;
  readonly workloads: readonly KubeObject[];
}

async function refresh(begun: Begun | undefined, target: HelmTarget, run: DeployRun): Promise<Begun | undefined> {
  const state = await readReleaseState(target.ref, run);
  if (!state || !isPending(state) || state.status === 'pending-rollback') return undefined;
  if (begun?.state.revision === state.revision) return begun;
  return { state, workloads: (await releaseObjects(target, run)).filter(isWorkload) };
}

async function causeAmong({ state, workloads }: Begun, run: DeployRun): Promise<UserError | undefined> {
  for (const workload of workloads) {
    const object = await run.kube.read(refOf(workload), run.signal);
    // pods of the revision before may be broken, and are about to go
    const cause = object && (await findCause(object, rolloutOf(object), { ...run, bornSince: state.since }));
    if (cause) return cause;
  }
  return undefined;
}
