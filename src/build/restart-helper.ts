import type { Instruction } from 'dockerfile-ast';
import { UserError } from '../core/errors.ts';
import { restartHelper } from '../core/restart-helper.ts';
import { type CommandOverride, instructionsOf } from './dockerfile.ts';

/**
 * The override with the restart helper before the program of the image: the configured entrypoint, else the ENTRYPOINT of
 * the stage that is built, else its CMD, which stays what it is and comes after the helper. Throws `BUILD_FILE` if all
 * of them are missing, since what the base image runs is not known (`spec-dev.md` section 9.8 of our reference).
 */
export function withRestartHelper(dockerfile: string, override: CommandOverride): CommandOverride {
  const instructions = instructionsOf(dockerfile, override.target);
  const program = override.entrypoint ?? lastWords(instructions, 'ENTRYPOINT') ?? [];
  const hasCommand = (override.cmd ?? lastWords(instructions, 'CMD') ?? []).length > 0;
  if (program.length === 0 && !hasCommand) {
    throw new UserError('BUILD_FILE', 'The restart helper does not know which program the image runs.', {
      hint: 'Give the Dockerfile an ENTRYPOINT or CMD in the stage that is built, or set `entrypoint` of the image.',
    });
  }
  return { ...override, entrypoint: [...restartHelper, ...program] };
}

/** The words of the last such instruction; a line without brackets is one for the shell. */
function lastWords(instructions: readonly Instruction[], keyword: 'ENTRYPOINT' | 'CMD'): string[] | undefined {
  const last = instructions.filter((instruction) => instruction.getKeyword() === keyword).at(-1);
  const content = last?.getRawArgumentsContent();
  if (!content) return undefined;
  return toExecWords(content) ?? ['/bin/sh', '-c', content];
}

function toExecWords(content: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
