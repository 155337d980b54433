import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command, Option } from 'commander';
import { createProgram, parseCommandLine } from '../src/cli/program.ts';
import { errorCodes } from '../src/core/error-codes.ts';
import { readHouse } from './read-house.ts';

const root = path.resolve(import.meta.dirname, '..');
const note = (source: string): string =>
  `<!-- Generated from ${source} by \`npm run generate:docs\`. Changes made here are lost. -->`;

/** Every generated page with its text; `test/rules/docs.test.ts` compares them with what is on disk. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/commands.md', await commandsPage()],
    ['docs/architecture.md', withHouseTable(readFileSync(path.join(root, 'docs/architecture.md'), 'utf8'))],
  ]);
}

function errorsPage(): string {
  const sections = Object.entries(errorCodes).map(
    ([code, { exitCode, cause, remedy }]) => `## ${code}\n\n${cause}\n\n${remedy}\n\nExit code ${exitCode}.`,
  );
  return `${note('src/core/error-codes.ts')}

# Errors

An error is one message that names the thing that failed, its code in brackets, and what to do next:

\`\`\`
fatal There is no devspace.yaml in /home/me or a folder above it [CONFIG_NOT_FOUND]
  → Change to the project folder, or name the file with \`--config\`.
\`\`\`

With \`--debug\` it also shows where in the code it arose. Passwords and tokens are removed from every message.

## Exit codes

| Code | Meaning |
|---|---|
| 0 | The command did what was asked. |
| 1 | It could not do its work: the cluster, the engine, the registry or the machine said no. |
| 2 | The command line or the configuration is wrong; nothing was begun. |
| 129, 130, 143 | You or the system ended it: hang-up, Ctrl-C, SIGTERM. |
| other | \`dev\` and \`enter\` pass on the exit code of the command that ran in the container. |

${sections.join('\n\n')}
`;
}

interface CommandPage {
  /** As typed; `embedded start` is a command of a group. */
  readonly name: string;
  readonly command: Command;
}

/** The commands that the help shows, in its order, those of groups one by one. */
export function visibleCommands(program: Command = newProgram()): readonly CommandPage[] {
  const children = (parent: Command) =>
    parent
      .createHelp()
      .visibleCommands(parent)
      .filter((command) => command.name() !== 'help');
  return children(program).flatMap((command) => {
    const members = children(command);
    if (members.length === 0) return [{ name: command.name(), command }];
    return members.map((member) => ({ name: `${command.name()} ${member.name()}`, command: member }));
  });
}

const newProgram = (): Command => createProgram({ write: () => {} }, () => {});

async function commandsPage(): Promise<string> {
  const program = newProgram();
  const sections: string[] = [];
  for (const { name, command } of visibleCommands(program)) {
    const rest = command.registeredArguments.length > 0 ? ' [-- COMMAND…]' : '';
    const usage = `    devspace ${name} [flags]${rest}`;
    const flags = command.options.length > 0 ? [flagTable(command)] : [];
    const examples = `\`\`\`sh\n${await examplesOf(name)}\n\`\`\``;
    sections.push([`## devspace ${name}`, `${command.description()}.`, usage, ...flags, examples].join('\n\n'));
  }
  return `${note('src/cli/program.ts')}

# Commands

\`devspace COMMAND --help\` says the same on your screen. A command for the container goes behind \`--\`, so that its
flags are not taken for ours.

${sections.join('\n\n')}

## Flags of every command

${flagTable(program)}
`;
}

/** The examples are part of what the help writes, and of nothing else. */
async function examplesOf(name: string): Promise<string> {
  let help = '';
  await parseCommandLine([...name.split(' '), '--help'], { write: (text) => (help += text) });
  const lines = (help.split('\nExamples:\n')[1] ?? '').split('\n').map((line) => line.trim());
  if (!lines[0]) throw new Error(`the help of ${name} has no example`);
  return lines.join('\n').trim();
}

function flagTable(command: Command): string {
  const rows = command.options.map(
    (option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${option.description}${defaultOf(option)} |`,
  );
  return ['| Flag | Meaning |', '|---|---|', ...rows].join('\n');
}

function defaultOf({ defaultValue, negate }: Option): string {
  return defaultValue === undefined || negate ? '' : ` (default ${String(defaultValue)})`;
}

/** Only the table between the two marks is generated; the page around it is written by hand. */
function withHouseTable(page: string): string {
  const [begin, end] = ['<!-- begin: generated from test/rules/layers.test.ts -->', '<!-- end -->'];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/architecture.md has lost the marks of its table');
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(' ') || '–';
  const rows = [...readHouse(root)].map(
    ([room, { rooms, packages }]) => `| \`${room}\` | ${code(rooms)} | ${code(packages)} |`,
  );
  const table = ['| Folder | May import from `src` | Packages |', '|---|---|---|', ...rows].join('\n');
  return `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}

async function writeAll(): Promise<void> {
  for (const [file, text] of await generatedPages()) writeFileSync(path.join(root, file), text);
}

if (process.argv[1] === import.meta.filename) {
  writeAll().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
