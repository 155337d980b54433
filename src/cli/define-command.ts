import type { ProjectOptions } from '../workflows/project.ts';
import type { Tools } from '../workflows/tools.ts';

/** A command as data: help, flags and work. `program.ts` makes a commander command of it. */
export interface CommandDefinition<Flags = Record<string, unknown>> {
  /** As typed; `list profiles` is a command of the group `list`. */
  readonly name: string;
  readonly summary: string;
  /** Shown below the help of the command: one or two lines that can be copied. */
  readonly examples: readonly string[];
  /** In commander's notation: `[command...]`. */
  readonly args?: string;
  readonly options: readonly OptionDefinition[];
  /** Works, but is not listed in the help. */
  readonly hidden?: boolean;
  /** Returns the exit code. */
  run(context: CommandContext<Flags>): Promise<number>;
}

export interface OptionDefinition {
  /** In commander's notation: `-c, --container <name>`. */
  readonly flags: string;
  readonly description: string;
  readonly default?: unknown;
  /** Without it the command line is wrong. */
  readonly mandatory?: boolean;
  /** Turns the words of the command line into a value; throws for one that is not allowed. */
  parse?(value: string, previous: unknown): unknown;
}

export interface CommandContext<Flags> {
  readonly flags: Flags;
  readonly args: readonly string[];
  /** What the global flags say about the project, and the signal of the run. */
  readonly project: ProjectOptions;
  readonly tools: Tools;
  readonly signal: AbortSignal;
}

/** Keeps the type of the flags inside the definition. */
export function defineCommand<Flags>(definition: CommandDefinition<Flags>): CommandDefinition {
  return definition as CommandDefinition;
}
