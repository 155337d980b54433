import { repositoryOf } from '../../kube/image-names.ts';
import type { KubeObject, ObjectMeta } from '../../kube/objects.ts';

/** What makes pods from a template: a Deployment, a ReplicaSet of its own, or a StatefulSet. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly KubeObject[];
  };
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec: PodTemplateSpec;
}

export interface PodTemplateSpec {
  readonly containers: readonly TemplateContainer[];
  readonly volumes?: readonly unknown[];
  readonly [field: string]: unknown;
}

export interface TemplateContainer {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Kinds in the order in which they count, as in the original (`spec-dev.md` section 13.1 of our reference). */
export const replaceableKinds = ['Deployment', 'ReplicaSet', 'StatefulSet'] as const;

/** On the Deployments and pods that take the place of others, as in the original. */
export const replacedLabel = 'devspace.sh/replaced';

export interface WorkloadQuery {
  readonly labelSelector: Readonly<Record<string, string>>;
  /** Without a tag. */
  readonly imageRepository?: string;
}

/** Pure: the workload whose pods fit; the first one, by kind and then by name. */
export function selectWorkload(workloads: readonly KubeObject[], query: WorkloadQuery): Workload | undefined {
  return (workloads as readonly Workload[])
    .filter((workload) => isOriginal(workload) && hasPods(workload, query))
    .sort((one, other) => rankOf(one) - rankOf(other) || one.metadata.name.localeCompare(other.metadata.name))[0];
}

const rankOf = ({ kind }: KubeObject): number => (replaceableKinds as readonly string[]).indexOf(kind);

/** Neither one of ours nor a part of another workload. */
function isOriginal({ metadata }: Workload): boolean {
  const owners = metadata['ownerReferences'] as readonly { readonly controller?: boolean }[] | undefined;
  return metadata.labels?.[replacedLabel] === undefined && !owners?.some(({ controller }) => controller);
}

function hasPods({ spec: { template } }: Workload, { labelSelector, imageRepository }: WorkloadQuery): boolean {
  const labels = template.metadata?.labels ?? {};
  if (!Object.entries(labelSelector).every(([key, value]) => labels[key] === value)) return false;
  if (imageRepository === undefined) return true;
  return template.spec.containers.some(({ image = '' }) => repositoryOf(image) === imageRepository);
}
