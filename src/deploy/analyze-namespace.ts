import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/errors.ts';
import type { Pod } from '../kube/objects.ts';
import { type Problem, type RestartChoice, selectProblems } from './select-problems.ts';
import { lastLines } from './wait-ready.ts';

/** Why something in a namespace does not work. */
export interface NamespaceProblem extends Pick<Problem, 'kind' | 'name' | 'reason' | 'message'> {
  /** The last lines that the container printed, if that explains it. */
  readonly lines: string;
}

export interface Findings {
  readonly problems: readonly NamespaceProblem[];
  /** Pods that are about to come up or to go, by name: what is said about them may change. */
  readonly unsettled: readonly string[];
}

export interface AnalyzeOptions {
  readonly kube: KubeClient;
  readonly namespace: string;
  readonly restarts: RestartChoice;
  readonly signal: AbortSignal;
}

/** Looks at the pods, the workloads and the events of a namespace. What the account may not list is left out. */
export async function analyzeNamespace(options: AnalyzeOptions): Promise<Findings> {
  const { kube, namespace, signal } = options;
  const list = (apiVersion: string, kind: string) =>
    kube.list({ apiVersion, kind, namespace }, signal).catch((error: unknown) => {
      if (kind !== 'Pod' && isForbidden(error)) return [];
      throw error;
    });
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];
  const [pods, events, jobs, ...others] = await Promise.all([
    list('v1', 'Pod'),
    list('v1', 'Event'),
    list('batch/v1', 'Job'),
    ...kinds.map((kind) => list('apps/v1', kind)),
  ]);
  const state = { pods: pods as Pod[], workloads: [...others.flat(), ...jobs], events, now: Date.now() };
  const { problems, unsettled } = selectProblems(state, options.restarts);
  const explained = problems.map(async ({ container, pod, certainty: _certainty, ...problem }) => ({
    ...problem,
    lines: pod && container !== undefined ? await lastLines(pod, container, { kube, signal }) : '',
  }));
  return { problems: await Promise.all(explained), unsettled };
}
