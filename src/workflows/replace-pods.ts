import type { PodReplacement, ResolvedConfig, TargetSelector } from '../config/types.ts';
import type { TaggedImage } from '../deploy/image-tags.ts';
import { replacementLabel } from '../deploy/replace/plan-replacement.ts';
import { replacePods, resetPods } from '../deploy/replace/replace-pods.ts';
import { waitBegun } from '../deploy/wait-ready.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Project } from './project.ts';
import { step } from './step.ts';
import { toQuery } from './targets.ts';
import type { Run, Tools } from './tools.ts';

interface ReplaceRun extends Omit<Run, 'kube'> {
  readonly kube: KubeClient;
  /** How long to wait for the new pods. */
  readonly timeoutMs: number;
  /** Whether files will be synchronised; else no program waits for them. */
  readonly sync: boolean;
}

/**
 * Replaces the pods that the project wants changed for development, and puts back what an earlier run replaced and this
 * one does not. Returns the project with services that mean the new pods.
 */
export async function replaceDevPods(
  project: Project,
  images: readonly TaggedImage[],
  run: ReplaceRun,
): Promise<Project> {
  const { config, name } = project;
  const { replacements } = config.dev;
  const withProject = { ...run, project: name };
  const namespaces = namespacesOf(config, run.kube);
  if (replacements.length === 0) {
    await resetPods({ namespaces }, withProject);
    return project;
  }
  return step('Replace pods', run.log, async () => {
    const wanted = replacements.map((replacement) => ({
      replacement: run.sync ? replacement : withoutWaiting(replacement),
      query: toQuery(replacement.target, { config, kube: run.kube }),
    }));
    const objects = await replacePods(wanted, images, withProject);
    await resetPods({ namespaces, keep: objects }, withProject);
    await waitBegun(objects, run);
    return { ...project, config: withReplacements(config, objects) };
  });
}

function withoutWaiting(replacement: PodReplacement): PodReplacement {
  const containers = replacement.containers.map((container) =>
    container.start === 'after sync' ? { ...container, start: 'restartable' as const } : container,
  );
  return { ...replacement, containers };
}

/** Gives the workloads their pods back. Returns the names of the Deployments that took their place. */
export async function resetDevPods(project: Project, tools: Tools, signal: AbortSignal): Promise<string[]> {
  const kube = await tools.kube(project.kubeChoice);
  const namespaces = namespacesOf(project.config, kube);
  const run = { ...tools, kube, signal, project: project.name };
  const replacements = await resetPods({ namespaces }, run);
  return replacements.map(({ metadata }) => metadata.name);
}

const namespacesOf = ({ dev }: ResolvedConfig, kube: KubeClient): string[] => [
  ...new Set([kube.namespace, ...dev.replacements.flatMap(({ target }) => target.namespace ?? [])]),
];

/** Pure: the selectors of replaced pods with the label that only the new pods have. */
function withReplacements(config: ResolvedConfig, objects: readonly KubeObject[]): ResolvedConfig {
  const { dev } = config;
  const names = new Map(
    dev.replacements.map(({ target }, index) => [keyOf(target), objects[index]?.metadata.name ?? '']),
  );
  const renewed = (target: TargetSelector): TargetSelector => {
    const name = names.get(keyOf(target));
    return name ? { ...target, labelSelector: { ...target.labelSelector, [replacementLabel]: name } } : target;
  };
  const renewedIn = <T extends { readonly target: TargetSelector }>(entry: T): T => ({
    ...entry,
    target: renewed(entry.target),
  });
  const { terminal } = dev;
  return {
    ...config,
    dev: {
      ...dev,
      ports: dev.ports.map(renewedIn),
      reversePorts: dev.reversePorts.map(renewedIn),
      sync: dev.sync.map(renewedIn),
      logs: dev.logs.map(renewedIn),
      selectors: dev.selectors.map(renewedIn),
      terminal: terminal.target ? { ...terminal, target: renewed(terminal.target) } : terminal,
    },
  };
}

/** Of the pod, whichever of its containers is meant. */
function keyOf({ labelSelector, imageSelector, namespace }: TargetSelector): string {
  return JSON.stringify([Object.entries(labelSelector).sort(), imageSelector, namespace]);
}
