import { openLifetime } from '../core/lifetime.ts';
import type { ContainerRef } from '../kube/objects.ts';
import type { Target } from '../kube/target.ts';
import { keepTerminal } from '../terminal/keep-terminal.ts';
import { openTerminal } from '../terminal/open-terminal.ts';
import { ttyOf } from '../terminal/run-session.ts';
import { chooseContainer } from './choose-container.ts';
import type { ProjectOptions } from './project.ts';
import { type ContainerChoice, type FoundQuery, findQuery } from './select-container.ts';
import { createLinks } from './targets.ts';
import { type Run, type Tools, toNotice } from './tools.ts';

export interface EnterOptions {
  readonly project: ProjectOptions;
  readonly choice: ContainerChoice;
  /** Absent: the shell of the container. */
  readonly command?: readonly string[] | undefined;
}

/** How long a lost shell waits for the next pod. */
const nextPodMs = 120_000;

/**
 * Opens a further terminal, or runs a command as a filter where there is none. Flags that say which pod need no project;
 * otherwise the terminal of the configuration is meant. A shell is opened anew when its pod is replaced, unless the
 * flags name the pod; a command is not. Returns the exit code of the remote command.
 */
export async function enter(options: EnterOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  const { kube, query } = await findQuery(options, tools);
  const container = await chooseContainer(query, { kube, log: tools.log, signal });
  const { command } = options;
  const { io } = tools;
  if (command || query.podName !== undefined || !ttyOf(io)) {
    return (await openTerminal({ kube, container, command, io, signal })).code;
  }
  await using life = openLifetime(signal);
  const target = startingWith(container, { kube, query }, { ...tools, signal: life.signal });
  return await keepTerminal({ kube, target, io, signal, notice: toNotice(io) });
}

/** The container that was chosen, then the one that the link finds. */
function startingWith(first: ContainerRef, { kube, query }: FoundQuery, run: Run): Target {
  const link = createLinks({ kube, timeoutMs: nextPodMs }, run)(query);
  let chosen: ContainerRef | undefined = first;
  return {
    async current(signal) {
      const container = chosen ?? (await link.current(signal));
      chosen = undefined;
      return container;
    },
    lost: (container) => link.lost(container),
  };
}
