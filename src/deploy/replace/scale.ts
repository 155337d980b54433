import type { KubeClient } from '../../kube/client.ts';
import { noneIfForbidden } from '../../kube/errors.ts';
import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import { devManager } from '../record/compare.ts';
import { parentKind, parentName } from './plan-replacement.ts';
import { replaceableKinds, replacedLabel, type Workload } from './workload.ts';

/** How many pods a workload had before its pods were replaced, as in the original. */
const replicasAnnotation = 'devspace.sh/replicas';

interface Scaling {
  readonly kube: KubeClient;
  readonly signal: AbortSignal;
}

/** How many pods a workload is to have again; `undefined` if its pods are not replaced. */
function savedReplicas({ metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[replicasAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Takes the pods of the workload away and remembers how many there were. */
export async function scaleDown(workload: Workload, { kube, signal }: Scaling): Promise<void> {
  const { replicas = 1 } = workload.spec;
  const saved = savedReplicas(workload);
  if (saved !== undefined && replicas === 0) return;
  const annotations = { [replicasAnnotation]: String(saved ?? replicas) };
  await scale(workload, { replicas: 0, annotations }, { kube, signal });
}

/** Gives the workload back the pods that it had. */
export async function scaleBack(workload: Workload, { kube, signal }: Scaling): Promise<void> {
  const saved = savedReplicas(workload);
  if (saved !== undefined) await scale(workload, { replicas: saved, annotations: {} }, { kube, signal });
}

interface Scale {
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
}

async function scale(
  { apiVersion, kind, metadata }: Workload,
  { replicas, annotations }: Scale,
  { kube, signal }: Scaling,
): Promise<void> {
  const { name, namespace = kube.namespace } = metadata;
  const object = { apiVersion, kind, metadata: { name, namespace, annotations }, spec: { replicas } };
  await kube.apply(object, { defaultNamespace: namespace, conflicts: 'take', fieldManager: devManager, signal });
}

/** The workloads of the namespace whose pods are replaced; none for roles that may not list Deployments, and where there are none. */
export async function listReplaced(namespace: string, { kube, signal }: Scaling): Promise<ObjectRef[]> {
  const replacements = await listReplacements(namespace, { kube, signal });
  return replacements.flatMap((object) => parentOf(object) ?? []);
}

export async function listReplacements(namespace: string, { kube, signal }: Scaling): Promise<KubeObject[]> {
  const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, labelSelector: `${replacedLabel}=true` };
  if ((await kube.isNamespaced(query, signal)) === undefined) return [];
  return kube.list(query, signal).catch(noneIfForbidden);
}

export function parentOf({ metadata: { annotations = {}, namespace } }: KubeObject): ObjectRef | undefined {
  const { [parentKind]: kind, [parentName]: name } = annotations;
  if (kind === undefined || name === undefined) return undefined;
  if (!(replaceableKinds as readonly string[]).includes(kind)) return undefined;
  return { apiVersion: 'apps/v1', kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
