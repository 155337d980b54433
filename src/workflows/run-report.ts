import type { BuiltImage } from '../build/build-run.ts';
import type { DeploymentConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { Deployed } from '../deploy/record/prune.ts';
import type { KubeObject, ObjectRef } from '../kube/objects.ts';
import type { Project } from './project.ts';

/**
 * What has become of a run so far: filled while it works, so that a failure leaves what was done before it. The names are
 * part of the JSON that `--output json` prints.
 */
export interface RunReport {
  readonly images: ReportedImage[];
  readonly deployments: DeploymentReport[];
  /** What left the manifests since the last time, and was deleted. */
  readonly pruned: ObjectRef[];
}

export type ReportedImage = BuiltImage | FailedImage;

export interface FailedImage {
  readonly name: string;
  readonly image: string;
  readonly error: unknown;
}

export interface DeploymentReport {
  readonly project: string;
  readonly name: string;
  /** Absent: it was not reached, and the context decides. */
  readonly namespace?: string;
  /** `deployed` and `skipped`: the cluster has it as it should be. */
  readonly outcome: 'deployed' | 'skipped' | 'failed' | 'not reached';
  /** Of the release, for charts. */
  readonly revision?: number;
  readonly objects: readonly ObjectRef[];
  readonly error?: unknown;
}

export const emptyReport = (): RunReport => ({ images: [], deployments: [], pruned: [] });

/** The deployments of one project in the report. */
export interface DeploymentLedger {
  deployed(name: string, deployed: Deployed): void;
  failed(name: string, error: unknown): void;
  /** Those that have one of the objects failed after they were deployed. */
  notReady(objects: readonly KubeObject[], error: unknown): void;
}

/** Adds the deployments to the report as not reached; what becomes of each takes the place of that. */
export function openLedger(
  { name: project, kubeChoice }: Pick<Project, 'name' | 'kubeChoice'>,
  deployments: readonly DeploymentConfig[],
  { deployments: all }: RunReport,
): DeploymentLedger {
  const first = all.length;
  const objectsOf = new Map<number, readonly KubeObject[]>();
  for (const { name, namespace = kubeChoice.namespace } of deployments) {
    all.push({ project, name, ...(namespace === undefined ? {} : { namespace }), outcome: 'not reached', objects: [] });
  }
  const change = (index: number, more: Partial<DeploymentReport>): void => {
    const before = all[index];
    if (before) all[index] = { ...before, ...more };
  };
  const indexOf = (name: string): number => first + deployments.findIndex((deployment) => deployment.name === name);
  return {
    deployed(name, { id, outcome, record: { revision, objects: records }, objects }) {
      objectsOf.set(indexOf(name), objects);
      change(indexOf(name), {
        namespace: id.namespace,
        outcome,
        ...(revision === undefined ? {} : { revision }),
        objects: records.map(({ owned: _, ...ref }) => ref),
      });
    },
    failed: (name, error) => change(indexOf(name), { outcome: 'failed', error }),
    notReady(objects, error) {
      for (const [index, own] of objectsOf) {
        if (own.some((object) => objects.includes(object))) change(index, { outcome: 'failed', error });
      }
    },
  };
}

/** Whether an error is the failure of a thing itself, and not that another thing failed or somebody cancelled. */
export const isOwnFailure = (error: unknown, signal: AbortSignal): boolean =>
  !signal.aborted || (error instanceof UserError && error !== signal.reason);
