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
    if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
    throw new UserError('USAGE', error.message.replace(/^error: /, ''));
  }
  return parsed;
}

/** The tree of commands; `onRun` gets what was typed. Also used to generate the page of commands. */
export function createProgram(output: ProgramOutput, onRun: (parsed: Parsed) => void): Command {
  const program = prepare(new Command('devspace'), output)
    .description('Develop your application directly inside Kubernetes')
    .version(version, '-v, --version', 'Print the version')
    .helpCommand('help [command]', 'Show the help of a command');
  for (const option of globalOptions) program.addOption(toOption(option));
  const parents = new Map<string, Command>();
  for (const definition of commands) {
    const { name, group } = toWords(definition.name);
    const parent = group === undefined ? program : (parents.get(group) ?? addGroup(program, group, output));
    if (group !== undefined) parents.set(group, parent);
    const command = prepare(new Command(name), output)
      .description(definition.summary)
      .configureHelp({ showGlobalOptions: true })
      .addHelpText('after', examplesText(definition.examples));
    if (definition.args) command.argument(definition.args);
    for (const option of definition.options) command.addOption(toOption(option));
    command.action(() => {
      const globals = program.opts<GlobalFlags>();
      onRun({ definition, flags: command.opts(), globals, args: command.args });
    });
    parent.addCommand(command, { hidden: definition.hidden === true });
  }
  return program;
}

/** `list vars` is the command `vars` of the group `list`. */
function toWords(name: string): { readonly name: string; readonly group?: string } {
  const [first = '', second] = name.split(' ');
  return second === undefined ? { name: first } : { name: second, group: first };
}

function addGroup(program: Command, name: string, output: ProgramOutput): Command {
  const own = commands.filter((definition) => definition.name.startsWith(`${name} `) && !definition.hidden);
  const group = prepare(new Command(name), output)
    .description(groups[name] ?? '')
    .helpCommand(false)
    .addHelpText('after', examplesText(own.flatMap(({ examples }) => examples.slice(0, 1))));
  program.addCommand(group);
  return group;
}

/** What all commands have: our help, and mistakes that become errors of ours. */
function prepare(command: Command, output: ProgramOutput): Command {
  const write = (text: string): void => output.write(text);
  return (
    command
      // `writeErr` gets the help of a group that was called without a command, `outputError` the mistakes, which
      // become a UserError and are shown by the one place that shows errors
      .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
      .exitOverride()
      .helpOption('-h, --help', 'Show this help')
      .showSuggestionAfterError(true)
  );
}

const examplesText = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`;

function toOption({ flags, description, default: fallback, mandatory, parse }: OptionDefinition): Option {
  const option = new Option(flags, description);
  if (mandatory) option.makeOptionMandatory();
  if (parse) option.argParser(parse);
  if (fallback !== undefined) option.default(fallback);
  return option;
}
