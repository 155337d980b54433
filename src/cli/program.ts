import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../core/errors.ts';
import { buildCommand } from './commands/build.ts';
import { deployCommand } from './commands/deploy.ts';
import { devCommand } from './commands/dev.ts';
import { enterCommand } from './commands/enter.ts';
import { purgeCommand } from './commands/purge.ts';
import type { CommandDefinition, OptionDefinition } from './define-command.ts';
import { type GlobalFlags, globalOptions } from './global-options.ts';
import { version } from './version.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandDefinition[] = [
  devCommand,
  deployCommand,
  enterCommand,
  buildCommand,
  purgeCommand,
];

export interface Parsed {
  readonly definition: CommandDefinition;
  readonly flags: Record<string, unknown>;
  readonly globals: GlobalFlags;
  readonly args: readonly string[];
}

export interface ProgramOutput {
  /** Help and version that were asked for. */
  write(text: string): void;
}

/**
 * Reads the command line. `undefined` if help or version was asked for and shown. Throws `USAGE` with commander's
 * words, which include "did you mean".
 */
export async function parseCommandLine(argv: readonly string[], output: ProgramOutput): Promise<Parsed | undefined> {
  let parsed: Parsed | undefined;
  const program = createProgram(output, (result) => {
    parsed = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    if (error.code === 'commander.help') {
      output.write(program.helpInformation());
      return undefined;
    }
    throw new UserError('USAGE', error.message.replace(/^error: /, ''));
  }
  return parsed;
}

/** The tree of commands; `onRun` gets what was typed. Also used to generate the page of commands. */
export function createProgram(output: ProgramOutput, onRun: (parsed: Parsed) => void): Command {
  const quiet = {
    writeOut: (text: string) => output.write(text),
    // errors become a UserError and are shown by the one place that shows errors
    writeErr: () => {},
    outputError: () => {},
  };
  const program = new Command('devspace')
    .description('Develop your application directly inside Kubernetes')
    .version(version, '-v, --version', 'Print the version')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand('help [command]', 'Show the help of a command')
    .configureOutput(quiet)
    .exitOverride()
    .showSuggestionAfterError(true);
  for (const option of globalOptions) program.addOption(toOption(option));
  for (const definition of commands) {
    const command = new Command(definition.name)
      .description(definition.summary)
      .configureOutput(quiet)
      .exitOverride()
      .helpOption('-h, --help', 'Show this help')
      .configureHelp({ showGlobalOptions: true })
      .addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  ${line}`).join('\n')}`);
    if (definition.args) command.argument(definition.args);
    for (const option of definition.options) command.addOption(toOption(option));
    command.action(() => {
      const globals = program.opts<GlobalFlags>();
      onRun({ definition, flags: command.opts(), globals, args: command.args });
    });
    program.addCommand(command);
  }
  return program;
}

function toOption({ flags, description, default: fallback, parse }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (parse) option.argParser(parse);
  if (fallback !== undefined) option.default(fallback);
  return option;
}
