import { openTerminal } from '../terminal/open-terminal.ts';
import { chooseContainer } from './choose-container.ts';
import type { ProjectOptions } from './project.ts';
import { type ContainerChoice, findQuery } from './select-container.ts';
import type { Tools } from './tools.ts';

export interface EnterOptions {
  readonly project: ProjectOptions;
  readonly choice: ContainerChoice;
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
