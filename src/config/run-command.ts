import { UserError } from '../core/errors.ts';
import type { LoadedProject } from './loaded-project.ts';
import { toSuggestion } from './schema/suggestion.ts';
import { findReferences, toText } from './variables/syntax.ts';

/** A command of `commands`, as `devspace list commands` shows it. */
export interface CommandSummary {
  readonly name: string;
  readonly description: string;
  readonly section: string;
  /** Not shown to people, only called by others. */
  readonly isInternal: boolean;
}

/** How to run a command: a line for a POSIX shell with positional arguments, or a program. */
export interface CommandPlan {
  readonly name: string;
  readonly run:
    | { readonly kind: 'shell'; readonly script: string; readonly args: readonly string[] }
    | { readonly kind: 'program'; readonly program: string; readonly args: readonly string[] };
  /** Absolute folder to run in. */
  readonly cwd: string;
  /** The environment with all variables of the file that the command uses. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs afterwards whatever happened, with COMMAND_ERROR set after a failure and COMMAND_INTERRUPT after a signal. */
  readonly after?: string;
}

export function listCommands(project: LoadedProject): CommandSummary[] {
  return Object.entries(project.model.commands ?? {}).map(([name, entry]) => {
    const { description = '', section = '', internal = false } = inFull(entry);
    return { name, description, section, isInternal: internal };
  });
}

/**
 * Plans `devspace run NAME args…`. Variables that the command uses are resolved, which may ask. An unknown name is
 * `USAGE`. `spec-config.md` 12.2 of the reference.
 */
export async function planCommand(project: LoadedProject, name: string, args: readonly string[]): Promise<CommandPlan> {
  const entry = project.model.commands?.[name];
  if (entry === undefined) throw unknownCommand(name, Object.keys(project.model.commands ?? {}));
  const command = inFull(entry);
  const texts = [command.command ?? '', command.after ?? '', ...(command.args ?? [])];
  const values = await resolveUsed(project, texts);
  const env: Record<string, string | undefined> = { ...project.env };
  for (const [key, value] of values) env[key] = value;
  for (const [key, { value }] of project.resolver.resolved) env[key] = toText(value);
  const fill = (text: string): string => text.replace(dotted, (whole, key: string) => values.get(key) ?? whole);
  const line = fill(command.command ?? '');
  const base = { name, cwd: project.config.projectRoot, env, ...(command.after ? { after: fill(command.after) } : {}) };
  if (command.args) {
    const own = command.args.map((text) => fillAll(text, values));
    return {
      ...base,
      run: { kind: 'program', program: fillAll(command.command ?? '', values), args: [...own, ...args] },
    };
  }
  if (!command.appendArgs) return { ...base, run: { kind: 'shell', script: line, args } };
  const script = [line, ...args.map(quoted)].join(' ');
  return { ...base, run: { kind: 'shell', script, args: [] } };
}

type CommandEntry = NonNullable<LoadedProject['model']['commands']>[string];

function inFull(entry: CommandEntry): Exclude<CommandEntry, string> {
  return typeof entry === 'string' ? { command: entry } : entry;
}

/** Names with dots and hyphens, which a shell cannot expand. */
const dotted = /\$!?\{(\w+[.-][\w.-]*)\}/g;

/** `${NAME}` and `$NAME` of variables that the file knows. */
async function resolveUsed(project: LoadedProject, texts: readonly string[]): Promise<Map<string, string>> {
  const { resolver } = project;
  const names = texts.flatMap((text) => [
    ...findReferences(text, resolver.era).map(({ name }) => name),
    ...[...text.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? '').filter((name) => resolver.definitions.has(name)),
  ]);
  const values = new Map<string, string>();
  for (const name of new Set(names)) {
    if (project.env[name] !== undefined && !resolver.definitions.has(name)) continue;
    const found = await resolver.resolve(name);
    if (found) values.set(name, toText(found.value));
  }
  return values;
}

function fillAll(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$!?\{([\w.-]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

function unknownCommand(name: string, names: readonly string[]): UserError {
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? 'The file has no commands.' : `Commands: ${names.join(', ')}.`;
  return new UserError('USAGE', `There is no command ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
