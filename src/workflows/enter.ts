import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { findTarget, type TargetQuery } from '../kube/find-target.ts';
import { openTerminal } from '../terminal/open-terminal.ts';
import type { Project, ProjectOptions } from './project.ts';
import { toQuery } from './targets.ts';
import type { Tools } from './tools.ts';

/** What the flags say about the container. */
export interface EnterChoice {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly labelSelector?: Readonly<Record<string, string>> | undefined;
}

export interface EnterOptions {
  readonly project: ProjectOptions;
  readonly choice: EnterChoice;
  /** Absent: the shell of the container. */
  readonly command?: readonly string[] | undefined;
}

/**
 * Opens a further terminal, or runs a command as a filter where there is none. Flags that name a pod need no project;
 * otherwise the terminal of the configuration is meant. Returns the exit code of the remote command.
 */
export async function enter(options: EnterOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  const { kube, query } = await findQuery(options, tools);
  const container = await findTarget(query, { kube, log: tools.log, signal, timeoutMs: 0 });
  tools.log.debug(`Container ${container.container} of pod ${container.namespace}/${container.pod}`);
  return openTerminal({ kube, container, command: options.command, io: tools.io, log: tools.log, signal });
}

async function findQuery(
  { project: projectOptions, choice }: EnterOptions,
  tools: Tools,
): Promise<{ kube: KubeClient; query: TargetQuery }> {
  const { pod, container, labelSelector } = choice;
  if (pod !== undefined || labelSelector !== undefined) {
    const kube = await tools.kube(projectOptions.kube);
    const query = {
      namespace: kube.namespace,
      labelSelector: labelSelector ?? {},
      podName: pod,
      containerName: container,
    };
    return { kube, query };
  }
  // only here: a pod that is named needs no configuration and so not the code that reads it
  const { loadProject } = await import('./project.ts');
  const project = await loadProject(projectOptions, tools);
  const kube = await tools.kube(project.kubeChoice);
  const query = toQuery(terminalTarget(project), { config: project.config, kube });
  return { kube, query: container === undefined ? query : { ...query, containerName: container } };
}

function terminalTarget({ config }: Project) {
  const target = config.dev.terminal.target ?? config.dev.sync[0]?.target ?? config.dev.ports[0]?.target;
  if (target) return target;
  throw new UserError('TARGET_NOT_FOUND', 'The configuration names no container to enter.', {
    hint: 'Name one with --pod or --label-selector.',
  });
}
