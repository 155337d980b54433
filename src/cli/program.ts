import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../core/errors.ts';
import { addDeploymentCommand } from './commands/add/deployment.ts';
import { addImageCommand } from './commands/add/image.ts';
import { addPortCommand } from './commands/add/port.ts';
import { addSelectorCommand } from './commands/add/selector.ts';
import { addSyncCommand } from './commands/add/sync.ts';
import { buildCommand } from './commands/build.ts';
import { deployCommand } from './commands/deploy.ts';
import { devCommand } from './commands/dev.ts';
import { enterCommand } from './commands/enter.ts';
import { listCommandsCommand } from './commands/list/commands.ts';
import { listConfigsCommand } from './commands/list/configs.ts';
import { listContextsCommand } from './commands/list/contexts.ts';
import { listDeploymentsCommand } from './commands/list/deployments.ts';
import { listNamespacesCommand } from './commands/list/namespaces.ts';
import { listPortsCommand } from './commands/list/ports.ts';
import { listProfilesCommand } from './commands/list/profiles.ts';
import { listSelectorsCommand } from './commands/list/selectors.ts';
import { listSyncCommand } from './commands/list/sync.ts';
import { listVarsCommand } from './commands/list/vars.ts';
import { printCommand } from './commands/print.ts';
import { purgeCommand } from './commands/purge.ts';
import { removeDeploymentCommand } from './commands/remove/deployment.ts';
import { removeImageCommand } from './commands/remove/image.ts';
import { removePortCommand } from './commands/remove/port.ts';
import { removeSelectorCommand } from './commands/remove/selector.ts';
import { removeSyncCommand } from './commands/remove/sync.ts';
import { resetVarsCommand } from './commands/reset/vars.ts';
import { runCommand } from './commands/run.ts';
import { setVarCommand } from './commands/set/var.ts';
import { updateConfigCommand } from './commands/update/config.ts';
import { useConfigCommand } from './commands/use/config.ts';
import { useContextCommand } from './commands/use/context.ts';
import { useNamespaceCommand } from './commands/use/namespace.ts';
import { useProfileCommand } from './commands/use/profile.ts';
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
  printCommand,
  runCommand,
  listVarsCommand,
  listProfilesCommand,
  listConfigsCommand,
  listCommandsCommand,
  listDeploymentsCommand,
  listPortsCommand,
  listSyncCommand,
  listSelectorsCommand,
  listContextsCommand,
  listNamespacesCommand,
  useProfileCommand,
  useConfigCommand,
  useContextCommand,
  useNamespaceCommand,
  setVarCommand,
  resetVarsCommand,
  updateConfigCommand,
  addImageCommand,
  addDeploymentCommand,
  addPortCommand,
  addSyncCommand,
  addSelectorCommand,
  removeImageCommand,
  removeDeploymentCommand,
  removePortCommand,
  removeSyncCommand,
  removeSelectorCommand,
];

/** The groups, such as `devspace list`. */
const groupSummaries: Readonly<Record<string, string>> = {
  list: 'Show what the configuration and the kubeconfig have',
  use: 'Choose a profile, configuration, context or namespace',
  set: 'Save answers for variables',
  reset: 'Forget saved answers',
  update: 'Bring the configuration up to date',
  add: 'Add something to the configuration file',
  remove: 'Take something out of the configuration file',
};

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
  const groups = new Map<string, Command>();
  for (const definition of commands) {
    const { name, group } = toWords(definition.name);
    const parent = group === undefined ? program : (groups.get(group) ?? addGroup(program, group, output));
    if (group !== undefined) groups.set(group, parent);
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
    parent.addCommand(command);
  }
  return program;
}

/** `list vars` is the command `vars` of the group `list`. */
function toWords(name: string): { readonly name: string; readonly group?: string } {
  const [first = '', second] = name.split(' ');
  return second === undefined ? { name: first } : { name: second, group: first };
}

function addGroup(program: Command, name: string, output: ProgramOutput): Command {
  const own = commands.filter((definition) => definition.name.startsWith(`${name} `));
  const group = prepare(new Command(name), output)
    .description(groupSummaries[name] ?? '')
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
