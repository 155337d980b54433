import { deleteObject } from '../api/delete.ts';
import { type Condition, type KubeObject, timestamp } from '../api/objects.ts';
import { isPodReady, type PodTemplate } from '../api/pod-types.ts';
import { type Objects, type Place, placeOf } from '../api/write.ts';
import type { Recorder } from '../kubelet/event-recorder.ts';
import { condition, deletePod, isActive, ownedPods, podFromTemplate, withCondition } from './pods.ts';

type Job = KubeObject & {
  spec: {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    template: PodTemplate;
  };
  status?: {
    startTime?: string;
    completionTime?: string;
    conditions?: Condition[];
    active?: number;
    succeeded?: number;
    failed?: number;
    ready?: number;
  };
};

const manager = 'kube-controller-manager';
const firstPauseMs = 10_000;

/** Runs pods until enough have succeeded or too many have failed. */
export function reconcileJob(objects: Objects, recorder: Recorder, place: Place): number | undefined {
  const resource = objects.resources.builtIn('jobs');
  const job = objects.get<Job>(resource, place);
  if (!job || job.metadata.deletionTimestamp !== undefined) return undefined;
  const over = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  if (over) return expire(objects, job, over);
  const pods = ownedPods(objects, job);
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  const failedPods = pods.filter((pod) => pod.status?.phase === 'Failed');
  const active = pods.filter(isActive);
  const startTime = job.status?.startTime ?? timestamp();
  const wanted = job.spec.completions ?? 1;
  const restarts = active
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  const deadline = job.spec.activeDeadlineSeconds;
  const left = deadline === undefined ? undefined : Date.parse(startTime) + deadline * 1000 - Date.now();
  let verdict: Condition | undefined;
  if (failedPods.length + restarts > (job.spec.backoffLimit ?? 6))
    verdict = condition('Failed', 'True', 'BackoffLimitExceeded: Job has reached the specified backoff limit');
  else if (left !== undefined && left <= 0)
    verdict = condition('Failed', 'True', 'DeadlineExceeded: Job was active longer than specified deadline');
  else if (succeeded >= wanted)
    verdict = condition('Complete', 'True', 'CompletionsReached: Reached expected number of succeeded pods');

  let again = left;
  let created = 0;
  if (verdict || job.spec.suspend) for (const pod of active) deletePod(objects, pod);
  else {
    const need = Math.min(job.spec.parallelism ?? 1, wanted - succeeded) - active.length;
    const lastEnd = Math.max(
      0,
      ...failedPods
        .map((pod) => Date.parse(pod.status?.containerStatuses?.[0]?.state.terminated?.finishedAt ?? ''))
        .filter((time) => !Number.isNaN(time)),
    );
    const pause = failedPods.length === 0 ? 0 : lastEnd + firstPauseMs * 2 ** (failedPods.length - 1) - Date.now();
    if (need > 0 && pause > 0) again = Math.min(again ?? pause, pause);
    else
      for (; created < need; created += 1) {
        const pod = objects.create(
          objects.resources.builtIn('pods'),
          podFromTemplate(job, job.spec.template, { generateName: `${place.name}-` }),
          { manager },
        );
        recorder.record(job, {
          type: 'Normal',
          reason: 'SuccessfulCreate',
          message: `Created pod: ${pod.metadata.name}`,
        });
      }
  }
  objects.edit<Job>(resource, place, {
    manager,
    subresource: 'status',
    change: (draft) => {
      draft.status = {
        startTime,
        ...(verdict?.type === 'Complete' ? { completionTime: timestamp() } : {}),
        ...(verdict ? { conditions: withCondition(job.status?.conditions, verdict) } : {}),
        ...(verdict ? {} : { active: active.length + created }),
        ...(succeeded > 0 ? { succeeded } : {}),
        ...(failedPods.length > 0 ? { failed: failedPods.length } : {}),
        ready: verdict ? 0 : active.filter(isPodReady).length,
      };
    },
  });
  if (verdict)
    recorder.record(
      job,
      verdict.type === 'Complete'
        ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason: verdict.reason ?? '', message: verdict.message ?? '' },
    );
  return again;
}

function expire(objects: Objects, job: Job, over: Condition): number | undefined {
  const seconds = job.spec.ttlSecondsAfterFinished;
  if (seconds === undefined) return undefined;
  const left = Date.parse(over.lastTransitionTime ?? '') + seconds * 1000 - Date.now();
  if (left > 0) return left;
  deleteObject(objects, objects.resources.builtIn('jobs'), {
    place: placeOf(job),
    options: { propagationPolicy: 'Background' },
  });
  return undefined;
}
