import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../core/errors.ts';
import { commands, groups } from './commands.ts';
import type { CommandDefinition, OptionDefinition } from './define-command.ts';
import { type GlobalFlags, globalOptions } from './global-options.ts';
import { version } from './version.ts';

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
    // without a command the help is the answer
    if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
    throw new UserError('USAGE', error.message.replace(/^error: /, ''));
  }
  return parsed;
}

/** The tree of commands; `onRun` gets what was typed. Also used to generate the page of commands. */
export function createProgram(output: ProgramOutput, onRun: (parsed: Parsed) => void): Command {
  const program = quietCommand('devspace', output)
    .description('Develop your application directly inside Kubernetes')
    .version(version, '-v, --version', 'Print the version')
    .helpCommand('help [command]', 'Show the help of a command');
  for (const option of globalOptions) program.addOption(toOption(option));
  const parents = new Map<string, Command>();
  for (const definition of commands) {
    const [group, name] = definition.name.includes(' ') ? definition.name.split(' ') : [undefined, definition.name];
    const command = toCommand(definition, name ?? definition.name, output);
    command.action(() => {
      onRun({ definition, flags: command.opts(), globals: program.opts<GlobalFlags>(), args: command.args });
    });
    const parent = group === undefined ? program : (parents.get(group) ?? addGroup(program, group, output));
    if (group !== undefined) parents.set(group, parent);
    parent.addCommand(command, { hidden: definition.hidden === true });
  }
  return program;
}

function addGroup(program: Command, name: string, output: ProgramOutput): Command {
  const group = quietCommand(name, output).description(groups[name] ?? '');
  program.addCommand(group.helpCommand(false));
  return group;
}

function toCommand(definition: CommandDefinition, name: string, output: ProgramOutput): Command {
  const command = quietCommand(name, output)
    .description(definition.summary)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  ${line}`).join('\n')}`);
  if (definition.args) command.argument(definition.args);
  for (const option of definition.options) command.addOption(toOption(option));
  return command;
}

/** Errors become a `UserError` and are shown by the one place that shows errors; only help is written. */
function quietCommand(name: string, output: ProgramOutput): Command {
  const write = (text: string) => output.write(text);
  return new Command(name)
    .helpOption('-h, --help', 'Show this help')
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
    .exitOverride()
    .showSuggestionAfterError(true);
}

function toOption({ flags, description, default: fallback, parse }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (parse) option.argParser(parse);
  if (fallback !== undefined) option.default(fallback);
  return option;
}
