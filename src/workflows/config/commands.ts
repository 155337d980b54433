import { type CommandSummary, listCommands } from '../../config/run-command.ts';
import { loadConfiguration, type ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';

/** The commands of the project without internal ones. Nothing is asked for them. */
export async function listProjectCommands(
  options: ProjectOptions,
  tools: Tools,
): Promise<Omit<CommandSummary, 'isInternal'>[]> {
  const project = await loadConfiguration(options, { sections: ['commands'] }, tools);
  return listCommands(project)
    .filter(({ isInternal }) => !isInternal)
    .map(({ name, section, description }) => ({ name, section, description }));
}
