import { UserError } from '../../core/errors.ts';
import { placeText } from '../document/source.ts';
import type { Definition } from './definition.ts';
import type { Era } from './era.ts';
import { loadPredefined, type PredefinedContext, predefinedName } from './predefined.ts';
import { invalidAnswer, type Prompt, toQuestion } from './prompt.ts';
import { runShell } from './shell.ts';
import { fillReferences, findReferences, toBoolean, toText, toTyped, type VariableValue } from './syntax.ts';

/** Where the value of a variable came from. */
export type VariableOrigin =
  | 'flag'
  | 'predefined'
  | 'environment'
  | 'environment file'
  | 'saved answer'
  | 'answer'
  | 'default'
  | 'value'
  | 'command';

interface ResolvedVariable {
  readonly name: string;
  readonly value: VariableValue;
  readonly origin: VariableOrigin;
  readonly isSecret: boolean;
}

export interface ResolverOptions {
  readonly era: Era;
  /** From `--var`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the environment file; the environment itself wins. */
  readonly envFile: Readonly<Record<string, string>>;
  readonly saved: SavedAnswers;
  readonly predefined: PredefinedContext;
  /** Absent: never ask. */
  readonly prompt: Prompt | undefined;
  readonly signal: AbortSignal;
}

/** Answers of earlier runs. `keep` remembers one for the next run. */
export interface SavedAnswers {
  get(name: string): string | undefined;
  keep(name: string, answer: string, kind: 'secret' | 'plain'): void;
}

export interface Resolver {
  /** Replaces the definitions; what is resolved already stays. */
  define(definitions: ReadonlyMap<string, Definition>): void;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Whether the file, the command line or this program defines the name: the environment alone does not count. */
  isDefined(name: string): boolean;
  /**
   * The value, found at the first call and kept for the run. Nothing for a name that nobody knows, which then stays in
   * the text. A definition without a value is `CONFIG_VARIABLE`, and so is a circle.
   */
  resolve(name: string): Promise<ResolvedVariable | undefined>;
  readonly resolved: ReadonlyMap<string, ResolvedVariable>;
  /** Names that were used and that nobody knows. */
  readonly unknown: ReadonlySet<string>;
  readonly era: Era;
}

export function createResolver(options: ResolverOptions): Resolver {
  const resolved = new Map<string, ResolvedVariable>();
  const unknown = new Set<string>();
  let definitions: ReadonlyMap<string, Definition> = new Map();

  const resolve = async (name: string, trail: readonly string[]): Promise<ResolvedVariable | undefined> => {
    const known = resolved.get(name);
    if (known) return known;
    if (trail.includes(name)) throw circle([...trail.slice(trail.indexOf(name)), name]);
    const found = await load(name, [...trail, name]);
    if (found) resolved.set(name, found);
    else unknown.add(name);
    return found;
  };

  const load = async (name: string, trail: readonly string[]): Promise<ResolvedVariable | undefined> => {
    const definition = definitions.get(name);
    const isSecret = definition?.isPassword ?? false;
    const flag = options.flags.get(name);
    if (flag !== undefined) return { name, value: toTyped(flag), origin: 'flag', isSecret };
    const predefined = predefinedName(name, options.era.ignoresCaseOfPredefined);
    if (predefined !== undefined && predefined !== name) {
      const found = await resolve(predefined, trail);
      return found && { ...found, name };
    }
    if (predefined !== undefined) {
      const value = await loadPredefined(predefined, options.predefined);
      if (value !== undefined) return { name, value, origin: 'predefined', isSecret: false };
    }
    if (!definition) return loadUndefined(name, options);
    const fill = async (text: VariableValue): Promise<VariableValue> => fillText(text, trail);
    const value = await loadDefined(definition, fill, options);
    return { name, ...value, isSecret };
  };

  const fillText = async (text: VariableValue, trail: readonly string[]): Promise<VariableValue> => {
    if (typeof text !== 'string') return text;
    const values = new Map<string, VariableValue>();
    for (const { name, isEscaped } of findReferences(text, options.era)) {
      const found = isEscaped ? undefined : await resolve(name, trail);
      if (found) values.set(name, found.value);
    }
    return fillReferences(text, options.era, (name) => values.get(name));
  };

  return {
    define: (next) => {
      definitions = next;
    },
    get definitions() {
      return definitions;
    },
    isDefined: (name) =>
      definitions.has(name) ||
      options.flags.has(name) ||
      predefinedName(name, options.era.ignoresCaseOfPredefined) !== undefined,
    resolve: (name) => resolve(name, []),
    resolved,
    unknown,
    era: options.era,
  };
}

type Loaded = Pick<ResolvedVariable, 'value' | 'origin'>;
type Fill = (text: VariableValue) => Promise<VariableValue>;

async function loadDefined(definition: Definition, fill: Fill, options: ResolverOptions): Promise<Loaded> {
  const { name, source } = definition;
  if (definition.value !== undefined) return { value: await fill(definition.value), origin: 'value' };
  const fallback = definition.default === undefined ? undefined : await fill(definition.default);
  if (source === 'none') {
    if (fallback === undefined) throw missing(definition, 'it has neither `value` nor `default`');
    return { value: fallback, origin: 'default' };
  }
  if (source === 'command' || (definition.command && source !== 'env')) {
    return loadFromCommand(definition, fill, fallback, options);
  }
  if (source !== 'input') {
    const found = fromEnvironment(name, options);
    if (found) return { value: toTypeOf(definition, fallback, found.text), origin: found.origin };
  }
  if (source === 'env') {
    if (fallback !== undefined) return { value: fallback, origin: 'default' };
    throw missing(definition, 'it is read from the environment and not set there');
  }
  return loadAnswer(definition, fallback, options);
}

async function loadAnswer(
  definition: Definition,
  fallback: VariableValue | undefined,
  options: ResolverOptions,
): Promise<Loaded> {
  const { name } = definition;
  const saved = definition.noCache ? undefined : options.saved.get(name);
  if (saved !== undefined) return { value: toTypeOf(definition, fallback, saved), origin: 'saved answer' };
  if (!options.prompt) {
    if (fallback !== undefined) return { value: fallback, origin: 'default' };
    throw missing(definition, 'it has no default and there is no terminal to ask');
  }
  const preset = fallback === undefined ? undefined : toText(fallback);
  const answer = await options.prompt.ask(toQuestion(definition, preset), options.signal);
  const wrong = invalidAnswer(definition, answer);
  if (wrong !== undefined) throw missing(definition, wrong);
  if (!definition.noCache) options.saved.keep(name, answer, definition.isPassword ? 'secret' : 'plain');
  return { value: toTypeOf(definition, fallback, answer), origin: 'answer' };
}

async function loadFromCommand(
  definition: Definition,
  fill: Fill,
  fallback: VariableValue | undefined,
  options: ResolverOptions,
): Promise<Loaded> {
  const { command } = definition;
  if (!command) throw missing(definition, 'its source is `command`, but it has no command for this system');
  const line = toText(await fill(command.command));
  const args = command.args && (await Promise.all(command.args.map(async (arg) => toText(await fill(arg)))));
  const result = await runShell({
    line,
    ...(args ? { args } : {}),
    cwd: options.predefined.projectRoot,
    env: { ...options.envFile, ...options.env },
    signal: options.signal,
  });
  const output = result.stdout.trim();
  if (result.exitCode === 0 && output !== '') return { value: toTyped(output), origin: 'command' };
  if (fallback !== undefined) return { value: fallback, origin: 'default' };
  const reason = result.failure ?? result.stderr.trim().split('\n').at(-1);
  const what = result.exitCode === 0 ? 'printed nothing' : `failed with exit code ${result.exitCode}`;
  throw missing(definition, `its command \`${line}\` ${what}${reason ? `: ${reason}` : ''}`);
}

/** Without a definition: environment, then earlier answers, then in old files a question; else nobody knows it. */
async function loadUndefined(name: string, options: ResolverOptions): Promise<ResolvedVariable | undefined> {
  if (name.startsWith('runtime.')) return undefined;
  const found = fromEnvironment(name, options);
  if (found) return { name, value: found.text, origin: found.origin, isSecret: false };
  if (!options.era.asksForUndefined || !/^[\w.-]+$/.test(name)) return undefined;
  const saved = options.saved.get(name);
  if (saved !== undefined) return { name, value: toTyped(saved), origin: 'saved answer', isSecret: false };
  if (!options.prompt) return undefined;
  const text = `Please enter a value for ${name}`;
  const question = { name, text, options: [], isPassword: false, validate: () => undefined };
  const answer = await options.prompt.ask(question, options.signal);
  options.saved.keep(name, answer, 'plain');
  return { name, value: toTyped(answer), origin: 'answer', isSecret: false };
}

/** `DEVSPACE_VAR_NAME` before `NAME`, the environment before the environment file. An empty value counts as none. */
function fromEnvironment(
  name: string,
  { env, envFile }: ResolverOptions,
): { readonly text: string; readonly origin: VariableOrigin } | undefined {
  const names = [`DEVSPACE_VAR_${name.toUpperCase()}`, `DEVSPACE_VAR_${name}`, name];
  for (const key of names) if (env[key]) return { text: env[key], origin: 'environment' };
  for (const key of names) if (envFile[key]) return { text: envFile[key], origin: 'environment file' };
  return undefined;
}

/** A default decides the type of what is set instead of it; without one the text is taken for what it looks like. */
function toTypeOf(definition: Definition, fallback: VariableValue | undefined, text: string): VariableValue {
  if (fallback === undefined || fallback === null) return toTyped(text);
  if (typeof fallback === 'string') return text;
  const value = typeof fallback === 'boolean' ? toBoolean(text) : toTyped(text);
  if (typeof value === typeof fallback && value !== undefined) return value;
  const expected = typeof fallback === 'boolean' ? 'true or false' : 'a number';
  throw new UserError('CONFIG_VARIABLE', `The variable ${definition.name} must be ${expected}, like its default`, {
    hint: setHint(definition),
  });
}

function missing(definition: Definition, why: string): UserError {
  const message = `${placeText(definition.span)}: the variable ${definition.name} has no value: ${why}`;
  return new UserError('CONFIG_VARIABLE', message, { hint: setHint(definition) });
}

function setHint({ name, options, source }: Definition): string {
  const choice = options.length > 0 ? options.join('|') : '…';
  const environment = source === 'input' ? '' : `, or set DEVSPACE_VAR_${name.toUpperCase()} in the environment`;
  return `Give it with \`--var ${name}=${choice}\`${environment}.`;
}

function circle(trail: readonly string[]): UserError {
  return new UserError('CONFIG_VARIABLE', `The variables need each other in a circle: ${trail.join(' → ')}`);
}
