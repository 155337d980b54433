import { sleep } from '../../core/abort.ts';
import { refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import { isPending, type ReleaseRef, type ReleaseState, readReleaseState } from './release-state.ts';

const helmTimeoutMs = 5 * 60_000;
const pollMs = 1_000;

interface OtherHelm {
  /** Of the upgrade. */
  readonly args: readonly string[];
  /** It is known that a run of ours on this machine was cut off in the middle. */
  readonly cutOff: boolean;
}

/**
 * Waits while another Helm works on the release. One that was cut off leaves it pending for good, and then Helm refuses
 * all further work on it: once the time is over that any Helm may take, that revision is forgotten, and the next upgrade
 * goes on from the one before. What it had already made stays and is taken over.
 */
export async function waitForOtherHelm(
  ref: ReleaseRef,
  { args, cutOff }: OtherHelm,
  run: DeployRun,
): Promise<ReleaseState | undefined> {
  const mayTakeMs = timeoutOf(args) ?? helmTimeoutMs;
  for (;;) {
    const state = await readReleaseState(ref, run);
    if (!state || !isPending(state)) return state;
    const ageMs = Date.now() - Date.parse(state.since);
    if (cutOff || run.redeploy === 'always' || ageMs > mayTakeMs) {
      await run.kube.delete({ ...refOf(state.record), namespace: ref.namespace }, run.signal);
      run.log.warn(
        `Revision ${state.revision} of the release ${ref.release} was cut off (${state.status}), it is redone`,
      );
      continue;
    }
    const left = Math.ceil((mayTakeMs - ageMs) / 1000);
    run.log.status(
      `Another Helm works on ${ref.release} (${state.status}); waiting, at most ${left} s. If none does: --force-deploy`,
    );
    await sleep(pollMs, run.signal);
  }
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** The value of `--timeout`, a duration of Go such as `1m30s`; `undefined` without one. */
export function timeoutOf(args: readonly string[]): number | undefined {
  const text = args.flatMap((arg, index) => {
    if (arg === '--timeout') return [args[index + 1] ?? ''];
    return arg.startsWith('--timeout=') ? [arg.slice('--timeout='.length)] : [];
  })[0];
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (unitMs[unit] ?? 0), 0);
}
