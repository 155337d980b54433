import { type Dockerfile, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { UserError } from '../core/errors.ts';

export interface CommandOverride {
  /** Lines before both. */
  readonly appendInstructions?: readonly string[];
  /** Replaces ENTRYPOINT; an empty list clears it, absent leaves it as it is. */
  readonly entrypoint?: readonly string[];
  /** Replaces CMD; an empty list clears it, absent leaves it as it is. */
  readonly cmd?: readonly string[];
  /** The stage that is built; the last one without it. */
  readonly target?: string;
}

/**
 * The Dockerfile's text with the override as its own instructions at the end of the stage that is built; every other
 * byte stays as it is. An entrypoint alone keeps the CMD of the Dockerfile as its arguments (our reference,
 * `spec-dev.md` section 9.8). Throws `BUILD_FILE` if the stage does not exist.
 */
export function overrideCommand(dockerfile: string, override: CommandOverride): string {
  const instructions: string[] = [...(override.appendInstructions ?? [])];
  if (override.entrypoint) instructions.push(`ENTRYPOINT ${JSON.stringify(override.entrypoint)}`);
  if (override.cmd) instructions.push(`CMD ${JSON.stringify(override.cmd)}`);
  if (instructions.length === 0) return dockerfile;

  const lineEnd = dockerfile.includes('\r\n') ? '\r\n' : '\n';
  const end = endOfStage(dockerfile, override.target);
  const before = dockerfile.slice(0, end);
  const separator = before === '' || before.endsWith('\n') ? '' : lineEnd;
  return `${before}${separator}${instructions.join(lineEnd)}${lineEnd}${dockerfile.slice(end)}`;
}

/** Offset of the first character after the stage: where the next FROM begins, else the end of the file. */
function endOfStage(text: string, target: string | undefined): number {
  if (target === undefined) return text.length;
  const { end } = stageOf(DockerfileParser.parse(text), target);
  return end === Number.POSITIVE_INFINITY ? text.length : offsetOfLine(text, end);
}

/** The instructions of the stage that is built. Throws `BUILD_FILE` if the stage does not exist. */
export function instructionsOf(text: string, target: string | undefined): Instruction[] {
  const dockerfile = DockerfileParser.parse(text);
  const { start, end } = stageOf(dockerfile, target);
  return dockerfile.getInstructions().filter((instruction) => {
    const { line } = instruction.getRange().start;
    return line >= start && line < end;
  });
}

/**
 * The stage that is built, the last one without a target: from the line of its FROM, counted from 0, to that of the next
 * one, which is infinite for the last. Throws `BUILD_FILE` if there is none of that name.
 */
function stageOf(dockerfile: Dockerfile, target: string | undefined): { start: number; end: number } {
  const stages = dockerfile.getFROMs();
  const lineOf = (index: number) => stages[index]?.getRange().start.line;
  if (target === undefined) return { start: lineOf(stages.length - 1) ?? 0, end: Number.POSITIVE_INFINITY };
  const index = stages.findIndex(
    (stage, position) => stage.getBuildStage()?.toLowerCase() === target.toLowerCase() || String(position) === target,
  );
  if (index < 0) {
    const known = stages.map((stage) => stage.getBuildStage()).filter(Boolean);
    throw new UserError('BUILD_FILE', `The Dockerfile has no stage ${target}.`, {
      hint: known.length > 0 ? `Its named stages are: ${known.join(', ')}.` : 'It names no stages (FROM … AS name).',
    });
  }
  return { start: lineOf(index) ?? 0, end: lineOf(index + 1) ?? Number.POSITIVE_INFINITY };
}

function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let current = 0; current < line; current += 1) offset = text.indexOf('\n', offset) + 1;
  return offset;
}
