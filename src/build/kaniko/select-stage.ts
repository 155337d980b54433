import type { ContainerStatus, Pod } from '../../kube/objects.ts';
import { isCertain, podState } from '../../kube/pod-state.ts';
import { buildContainer, contextContainer } from './plan-pod.ts';

/** How far the pod of a build is. */
export type BuildStage =
  | { readonly kind: 'waits'; readonly text: string }
  | { readonly kind: 'wants context' }
  | { readonly kind: 'builds' }
  | { readonly kind: 'ended'; readonly exitCode: number }
  /** It will never build. */
  | { readonly kind: 'broken'; readonly text: string };

/** Pure: reads the stage from the state of the pod. */
export function selectStage(pod: Pod): BuildStage {
  const { status = {}, metadata } = pod;
  const build = stateOf(status.containerStatuses, buildContainer);
  if (build?.terminated) return { kind: 'ended', exitCode: build.terminated.exitCode };
  if (metadata.deletionTimestamp !== undefined) return { kind: 'broken', text: 'somebody deleted it' };
  // an evicted pod may not say anything about its containers
  if (status.phase === 'Failed') return { kind: 'broken', text: failureOf(pod) };
  const { problem, text } = podState(pod);
  if (problem && isCertain(problem)) return { kind: 'broken', text: `${problem.reason}, ${problem.message}` };
  if (build?.running) return { kind: 'builds' };
  const context = stateOf(status.initContainerStatuses, contextContainer);
  if (context?.running) return { kind: 'wants context' };
  return { kind: 'waits', text: problem ? `${problem.reason}, ${problem.message}` : text };
}

function failureOf(pod: Pod): string {
  const { reason, message } = pod.status ?? {};
  const { problem, text } = podState(pod);
  if (reason !== undefined) return [reason, message].filter(Boolean).join(', ');
  return problem ? `${problem.reason}, ${problem.message}` : text;
}

const stateOf = (statuses: readonly ContainerStatus[] | undefined, name: string) =>
  statuses?.find((status) => status.name === name)?.state;
