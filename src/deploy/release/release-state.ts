import type { KubeClient } from '../../kube/client.ts';
import { isForbidden } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** What the cluster knows about the newest revision of a release. */
export interface ReleaseState {
  readonly revision: number;
  /** `deployed`, `failed`, `pending-upgrade` … (`helm status`). */
  readonly status: string;
  /** ISO time of the cluster at which the revision was begun. */
  readonly since: string;
  /** Where Helm keeps this revision. */
  readonly record: KubeObject;
}

export interface ReleaseRef {
  readonly release: string;
  readonly namespace: string;
  /** `secret` without one. */
  readonly driver?: string | undefined;
}

/**
 * The newest revision, by the labels of the secrets (or config maps) in which Helm keeps its releases
 * (https://helm.sh/docs/topics/advanced/#storage-backends). `undefined` if there is none, or if it may not be seen.
 */
export async function readReleaseState(
  { release, namespace, driver }: ReleaseRef,
  { kube, signal }: { readonly kube: KubeClient; readonly signal: AbortSignal },
): Promise<ReleaseState | undefined> {
  const kind = driver?.startsWith('configmap') ? 'ConfigMap' : 'Secret';
  const labelSelector = `owner=helm,name=${release}`;
  try {
    const records = await kube.list({ apiVersion: 'v1', kind, namespace, labelSelector }, signal);
    return newestRevision(records);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function newestRevision(records: readonly KubeObject[]): ReleaseState | undefined {
  const states = records.map((record) => {
    const { labels = {}, creationTimestamp: since = '' } = record.metadata;
    return { revision: Number(labels['version']), status: labels['status'] ?? 'unknown', since, record };
  });
  return states.sort((a, b) => b.revision - a.revision)[0];
}

export const isPending = ({ status }: ReleaseState): boolean => status.startsWith('pending-');
