import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TargetQuery } from '../kube/find-target.ts';
import { repositoryOf } from '../kube/image-names.ts';
import { openTerminal } from '../terminal/open-terminal.ts';
import { chooseContainer } from './choose-container.ts';
import type { Project, ProjectOptions } from './project.ts';
import { namesConfiguredImage, toQuery } from './targets.ts';
import type { Tools } from './tools.ts';

/** What the flags say about the container. */
export interface EnterChoice {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly labelSelector?: Readonly<Record<string, string>> | undefined;
  /** An image, or `image(app)` for one of the configuration. */
  readonly imageSelector?: string | undefined;
}

export interface EnterOptions {
  readonly project: ProjectOptions;
  readonly choice: EnterChoice;
  /** Absent: the shell of the container. */
  readonly command?: readonly string[] | undefined;
}

/**
 * Opens a further terminal, or runs a command as a filter where there is none. Flags that say which pod need no project;
 * otherwise the terminal of the configuration is meant. Returns the exit code of the remote command.
 */
export async function enter(options: EnterOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  const { kube, query } = await findQuery(options, tools);
  const container = await chooseContainer(query, { kube, log: tools.log, signal });
  return openTerminal({ kube, container, command: options.command, io: tools.io, log: tools.log, signal });
}

/** Whether the flags say which pod is meant, so that no configuration need do it. */
export const namesPod = ({ pod, labelSelector, imageSelector }: EnterChoice): boolean =>
  (pod ?? labelSelector ?? imageSelector) !== undefined;

/** The query that the flags, or else the configuration, ask for. */
export async function findQuery(
  { project: projectOptions, choice }: Pick<EnterOptions, 'project' | 'choice'>,
  tools: Tools,
): Promise<{ kube: KubeClient; query: TargetQuery }> {
  const { pod, container, labelSelector, imageSelector } = choice;
  const named = namesPod(choice);
  if (named && !(imageSelector !== undefined && namesConfiguredImage(imageSelector))) {
    const kube = await tools.kube(projectOptions.kube);
    const query = {
      namespace: kube.namespace,
      labelSelector: labelSelector ?? {},
      podName: pod,
      containerName: container,
      ...(imageSelector === undefined ? {} : { imageRepository: repositoryOf(imageSelector) }),
    };
    return { kube, query };
  }
  // only here: a pod that is named needs no configuration and so not the code that reads it
  const { loadProject } = await import('./project.ts');
  const project = await loadProject(projectOptions, tools);
  const kube = await tools.kube(project.kubeChoice);
  const target = named
    ? { labelSelector: labelSelector ?? {}, ...(imageSelector === undefined ? {} : { imageSelector }) }
    : terminalTarget(project);
  const query = toQuery(target, { config: project.config, kube });
  const podName = pod === undefined ? {} : { podName: pod };
  return { kube, query: { ...query, ...podName, ...(container === undefined ? {} : { containerName: container }) } };
}

function terminalTarget({ config }: Project) {
  const target = config.dev.terminal.target ?? config.dev.sync[0]?.target ?? config.dev.ports[0]?.target;
  if (target) return target;
  throw new UserError('TARGET_NOT_FOUND', 'The configuration names no container to enter.', {
    hint: 'Name one with --pod, --label-selector or --image-selector.',
  });
}
