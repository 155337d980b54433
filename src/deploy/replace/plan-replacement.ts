import { createHash } from 'node:crypto';
import { patchData } from '../../config/patch-data.ts';
import type { ContainerReplacement, PodReplacement } from '../../config/types.ts';
import { UserError } from '../../core/errors.ts';
import { restartHelper, waitingRestartHelper } from '../../core/restart-helper.ts';
import { imagesAnnotation } from '../../kube/find-target.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { fillImages, replaceImageTags, type TaggedImage } from '../image-tags.ts';
import { type PodTemplate, replacedLabel, type TemplateContainer, type Workload } from './workload.ts';

export interface ReplacementContext {
  /** Name of the project, as a value of labels can have it. */
  readonly project: string;
  /** What this run built. */
  readonly images: readonly TaggedImage[];
}

/** Which project a replacement belongs to. */
export const projectLabel = 'devspace.sh/project';
/** The name of the Deployment, on its pods: it tells them from the pods that they take the place of. */
export const replacementLabel = 'devspace.sh/replacement';
/** The workload whose pods are replaced, as in the original. */
export const parentKind = 'devspace.sh/parent-kind';
export const parentName = 'devspace.sh/parent-name';

/**
 * Pure: the Deployment with one pod that takes the place of the pods of the workload. It has their labels, so that
 * Services lead to it, and is owned by the workload, so that it goes when that is deleted (`spec-dev.md` section 13.1 of
 * our reference). Throws `CONFIG_INVALID` for a container that is not there and a patch that cannot be applied.
 */
export function planReplacement(
  workload: Workload,
  replacement: PodReplacement,
  { project, images }: ReplacementContext,
): KubeObject {
  const name = replacementName(workload.metadata.name);
  const { apiVersion, kind, metadata, spec } = workload;
  const labels = { [replacedLabel]: 'true' };
  const own = { ...labels, [replacementLabel]: name };
  const template = patched(developed(withVolumes(workload), replacement, images), replacement);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { ...labels, [projectLabel]: project },
      annotations: { [parentKind]: kind, [parentName]: metadata.name },
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
    },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { ...spec.selector?.matchLabels, ...own } },
      template: {
        metadata: {
          labels: { ...template.metadata?.labels, ...own },
          annotations: {
            ...template.metadata?.annotations,
            [imagesAnnotation]: JSON.stringify(imagesOf(spec.template)),
          },
        },
        spec: template.spec,
      },
    },
  };
}

/** Names of pods are made from it, which are labels of at most 63 letters. */
function replacementName(workload: string): string {
  if (workload.length <= 40) return `${workload}-devspace`;
  return `${workload.slice(0, 31)}-${createHash('sha256').update(workload).digest('hex').slice(0, 8)}-devspace`;
}

const imagesOf = ({ spec }: PodTemplate): Record<string, string> =>
  Object.fromEntries(spec.containers.map(({ name, image = '' }) => [name, image]));

/** A StatefulSet gives its first pod a name and volumes, which its replacement gets, too. */
function withVolumes({ kind, metadata, spec }: Workload): PodTemplate {
  if (kind !== 'StatefulSet') return spec.template;
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${metadata.name}-0` },
  }));
  const template = spec.template.spec;
  const volumes = [...(template.volumes ?? []), ...claims];
  const place = { hostname: `${metadata.name}-0`, ...(spec.serviceName ? { subdomain: spec.serviceName } : {}) };
  return { ...spec.template, spec: { ...template, ...place, ...(volumes.length > 0 ? { volumes } : {}) } };
}

function developed(template: PodTemplate, replacement: PodReplacement, images: readonly TaggedImage[]): PodTemplate {
  const changed = new Map<string, TemplateContainer>();
  const { containers } = template.spec;
  for (const change of replacement.containers) {
    const name = change.containerName ?? containers[0]?.name ?? '';
    const container = changed.get(name) ?? containers.find((entry) => entry.name === name);
    if (!container) throw noContainer(replacement.name, name, containers);
    changed.set(name, developedContainer(container, fillImages(change, images)));
  }
  const spec = { ...template.spec, containers: containers.map((entry) => changed.get(entry.name) ?? entry) };
  return { ...template, spec: replaceImageTags({ spec } as unknown as KubeObject, images)['spec'] as typeof spec };
}

function noContainer(entry: string, name: string, containers: readonly TemplateContainer[]): UserError {
  const names = containers.map((container) => container.name).join(', ');
  return new UserError('CONFIG_INVALID', `dev.${entry}: the pod has no container ${name}; it has ${names}`, {
    hint: `Correct \`container\` of dev.${entry}.`,
  });
}

/** As long as a container can sleep with every `sleep` that there is. */
const idleCommand = ['sleep', '1000000000'];

function developedContainer(container: TemplateContainer, change: ContainerReplacement): TemplateContainer {
  const { image, workingDir, resources, env, isIdle, isSynced } = change;
  const isOther = isIdle || image !== undefined || change.command !== undefined || workingDir !== undefined;
  const names = new Set(env.map(({ name }) => name));
  return {
    ...(isOther ? withoutProbes(container) : container),
    ...(image === undefined ? {} : { image }),
    ...commandOf(change),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(resources === undefined ? {} : { resources }),
    ...(env.length === 0 ? {} : { env: [...(container.env ?? []).filter(({ name }) => !names.has(name)), ...env] }),
    ...(isSynced && container.securityContext ? { securityContext: writable(container.securityContext) } : {}),
  };
}

/** What they look for is another program, which is not there or stands still in a debugger. */
function withoutProbes(container: TemplateContainer): TemplateContainer {
  const { livenessProbe: _, readinessProbe: _ready, startupProbe: _startup, ...rest } = container;
  return rest;
}

/** Arguments are for the command that they were written for. */
function commandOf({
  command,
  args,
  isIdle,
  start,
}: ContainerReplacement): Pick<ContainerReplacement, 'command' | 'args'> {
  if (isIdle) return { command: idleCommand, args: [] };
  if (command === undefined) return args === undefined ? {} : { args };
  const helper = { itself: [], restartable: restartHelper, 'after sync': waitingRestartHelper }[start];
  return { command: [...helper, ...command], args: args ?? [] };
}

function writable({ readOnlyRootFilesystem: _, ...rest }: Readonly<Record<string, unknown>>): typeof rest {
  return rest;
}

function patched(template: PodTemplate, { name, patches }: PodReplacement): PodTemplate {
  let result = template;
  for (const patch of patches) {
    const next = patchData(result, patch);
    if (!('data' in next)) {
      const words = `dev.${name}.patches: the patch of ${patch.path} cannot be applied: ${next.mistake}`;
      throw new UserError('CONFIG_INVALID', words, { hint: 'Correct `op`, `path` or `value` of the patch.' });
    }
    result = next.data;
  }
  return result;
}
