import type { PodReplacement } from '../../config/types.ts';
import { UserError } from '../../core/errors.ts';
import { describeQuery } from '../../kube/find-target.ts';
import { type KubeObject, objectName, refOf } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';
import type { TaggedImage } from '../image-tags.ts';
import { devManager } from '../record/compare.ts';
import { labelValue } from '../record/record.ts';
import { planReplacement, projectLabel } from './plan-replacement.ts';
import { listReplacements, parentOf, scaleBack, scaleDown } from './scale.ts';
import { replaceableKinds, selectWorkload, type Workload, type WorkloadQuery } from './workload.ts';

type ReplaceRun = Pick<DeployRun, 'kube' | 'log' | 'signal' | 'project'>;

/** A pod that is to be replaced, and where it is. */
export interface WantedReplacement {
  readonly replacement: PodReplacement;
  readonly query: WorkloadQuery & { readonly namespace: string };
}

/**
 * Puts a Deployment with the changed pod in the place of each pod and takes the pods of the workload away; what several
 * entries change in one pod comes together. Returns the Deployments as the cluster has them, one for each entry, in the
 * same order. Rejects with `TARGET_NOT_FOUND` if nothing makes such pods.
 */
export async function replacePods(
  wanted: readonly WantedReplacement[],
  images: readonly TaggedImage[],
  run: ReplaceRun,
): Promise<KubeObject[]> {
  const namespaces = [...new Set(wanted.map(({ query }) => query.namespace))];
  const lists = await Promise.all(namespaces.map((namespace) => listWorkloads(namespace, run)));
  const found = wanted.map(({ replacement, query }) => {
    const workloads = lists[namespaces.indexOf(query.namespace)] ?? [];
    return { replacement, workload: workloadOf({ replacement, query }, workloads) };
  });
  const context = { project: labelValue(run.project), images };
  const applied = new Map<string | undefined, KubeObject>();
  for (const { workload, replacement } of found) {
    const { uid } = workload.metadata;
    if (applied.has(uid)) continue;
    const entries = found.filter((other) => other.workload.metadata.uid === uid).map((other) => other.replacement);
    const changes = {
      ...replacement,
      containers: entries.flatMap(({ containers }) => containers),
      patches: entries.flatMap(({ patches }) => patches),
    };
    const object = await replacePod(workload, planReplacement(workload, changes, context), run);
    applied.set(uid, object);
    const names = entries.map(({ name }) => `dev.${name}`).join(', ');
    run.log.info(`${names}: Deployment ${object.metadata.name} takes the place of ${objectName(refOf(workload))}`);
  }
  return found.flatMap(({ workload }) => applied.get(workload.metadata.uid) ?? []);
}

async function replacePod(workload: Workload, object: KubeObject, { kube, signal }: ReplaceRun): Promise<KubeObject> {
  const defaultNamespace = workload.metadata.namespace ?? kube.namespace;
  const options = { defaultNamespace, conflicts: 'take', fieldManager: devManager, signal } as const;
  const applied = await kube.apply(object, options);
  await scaleDown(workload, { kube, signal });
  return applied;
}

function workloadOf({ replacement, query }: WantedReplacement, workloads: readonly KubeObject[]): Workload {
  const workload = selectWorkload(workloads, query);
  if (workload) return workload;
  throw new UserError(
    'TARGET_NOT_FOUND',
    `dev.${replacement.name}: no ${replaceableKinds.join(', ')} in namespace ${query.namespace} makes a ${describeQuery(query)}.`,
    {
      hint: `Correct the selector of dev.${replacement.name}; \`kubectl get all --show-labels\` shows what is there.`,
    },
  );
}

async function listWorkloads(namespace: string, { kube, signal }: ReplaceRun): Promise<KubeObject[]> {
  const lists = replaceableKinds.map(async (kind) => {
    const apiVersion = 'apps/v1';
    const items = await kube.list({ apiVersion, kind, namespace }, signal);
    return items.map((item) => ({ ...item, apiVersion, kind }));
  });
  return (await Promise.all(lists)).flat();
}

/**
 * Takes the replacements of the project away, except those named, and gives their workloads the pods back that they had.
 * Returns what was taken away.
 */
export async function resetPods(
  { namespaces, keep = [] }: { readonly namespaces: readonly string[]; readonly keep?: readonly KubeObject[] },
  { kube, log, signal, project }: ReplaceRun,
): Promise<KubeObject[]> {
  const kept = new Set(keep.map(({ metadata }) => metadata.uid));
  const lists = namespaces.map((namespace) => listReplacements(namespace, { kube, signal }));
  const own = (await Promise.all(lists))
    .flat()
    .filter(({ metadata }) => metadata.labels?.[projectLabel] === labelValue(project) && !kept.has(metadata.uid));
  for (const replacement of own) {
    const parent = parentOf(replacement);
    const workload = parent && ((await kube.read(parent, signal)) as Workload | undefined);
    if (workload) await scaleBack(workload, { kube, signal });
    await kube.delete({ ...refOf(replacement), apiVersion: 'apps/v1', kind: 'Deployment' }, signal);
    log.info(`Reset ${parent ? objectName(parent) : replacement.metadata.name}`);
  }
  return own;
}
