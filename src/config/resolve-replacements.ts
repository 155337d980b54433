import { type ContainerModel, containersOf, toTarget } from './dev-pods.ts';
import { toDataPatch } from './patch-data.ts';
import type { Model } from './schema/v2beta1.ts';
import type { ContainerReplacement, PodReplacement } from './types.ts';

/**
 * The pods that have to be replaced, as `spec-dev.md` section 4.2 of our reference tells it: those with another image,
 * command, environment, … and those whose terminal takes the place of their program.
 */
export function toReplacements(model: Model): PodReplacement[] {
  return Object.entries(model.dev ?? {}).flatMap(([name, pod]) => {
    const containers = containersOf(pod).filter(isChanged).map(toContainer);
    const patches = (pod.patches ?? []).map(toDataPatch);
    if (containers.length === 0 && patches.length === 0) return [];
    return [{ name, target: toTarget(pod, {}), containers, patches }];
  });
}

function isChanged(container: ContainerModel): boolean {
  const { devImage, command, args, workingDir, env, resources } = container;
  const hasWords = [command, args, env].some((list) => (list ?? []).length > 0);
  return Boolean(devImage) || Boolean(workingDir) || hasWords || resources !== undefined || isIdle(container);
}

/** A command of the file is meant to run; else the terminal is where the program is started by hand. */
function isIdle({ terminal, command = [] }: ContainerModel): boolean {
  if (terminal === undefined || command.length > 0) return false;
  return terminal.enabled !== false && terminal.disableReplace !== true;
}

function toContainer(container: ContainerModel): ContainerReplacement {
  const { devImage, command = [], args, workingDir, env = [], resources } = container;
  return {
    ...(container.container ? { containerName: container.container } : {}),
    ...(devImage ? { image: devImage } : {}),
    ...(command.length > 0 ? { command } : {}),
    ...(args === undefined ? {} : { args }),
    ...(workingDir ? { workingDir } : {}),
    env: env.flatMap(({ name, value = '' }) => (name ? [{ name, value }] : [])),
    ...(resources === undefined ? {} : { resources: toResources(resources) }),
    isIdle: isIdle(container),
    isSynced: (container.sync ?? []).length > 0,
    start: command.length > 0 ? startOf(container) : 'itself',
  };
}

const toResources = ({ requests, limits }: NonNullable<ContainerModel['resources']>) => ({
  ...(requests ? { requests } : {}),
  ...(limits ? { limits } : {}),
});

function startOf({ sync = [], restartHelper }: ContainerModel): ContainerReplacement['start'] {
  if (sync.some(({ startContainer }) => startContainer)) return 'after sync';
  const isRestarted = restartHelper?.inject === true || sync.some(({ onUpload }) => onUpload?.restartContainer);
  return isRestarted ? 'restartable' : 'itself';
}
