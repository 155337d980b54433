import { child, type Node, stringAt, toData } from '../document/node.ts';
import type { Span } from '../document/source.ts';
import type { VariableValue } from './syntax.ts';

/** A variable as `vars` of the file defines it. Texts may hold references to other variables. */
export interface Definition {
  readonly name: string;
  readonly source: 'all' | 'input' | 'env' | 'none' | 'command';
  readonly value?: VariableValue;
  readonly default?: VariableValue;
  readonly question?: string;
  readonly options: readonly string[];
  readonly isPassword: boolean;
  readonly validationPattern?: string;
  readonly validationMessage?: string;
  readonly noCache: boolean;
  readonly command?: VariableCommand;
  /** Also resolved when nothing uses it. */
  readonly alwaysResolve: boolean;
  readonly span: Span;
}

interface VariableCommand {
  /** A line for the shell, or with `args` a program. */
  readonly command: string;
  readonly args?: readonly string[];
}

/**
 * The definitions under `vars`, by name: a list of maps, or in the newest version a map. Entries of a wrong shape are
 * left out: the strict check reports them.
 */
export function toDefinitions(vars: Node | undefined): Map<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const { name, node, span } of namedEntries(vars)) {
    definitions.set(name, node.kind === 'mapping' ? toDefinition(name, node, span) : toShorthand(name, node, span));
  }
  return definitions;
}

function namedEntries(vars: Node | undefined): { name: string; node: Node; span: Span }[] {
  if (vars?.kind === 'mapping') {
    return [...vars.entries].map(([name, entry]) => ({ name: name.trim(), node: entry.value, span: entry.key }));
  }
  if (vars?.kind !== 'sequence') return [];
  return vars.items.flatMap((node) => {
    const name = textOf(child(node, 'name'));
    return name === undefined ? [] : [{ name: name.trim(), node, span: child(node, 'name')?.span ?? node.span }];
  });
}

/** `NAME: value` and `NAME: $(command)` of the newest version; the value is always text. */
function toShorthand(name: string, node: Node, span: Span): Definition {
  const value = textOf(node) ?? '';
  const command = /^\$!?\((.*)\)$/s.exec(value)?.[1];
  const base = { name, options: [], isPassword: false, noCache: false, alwaysResolve: false, span };
  if (command !== undefined) return { ...base, source: 'command', command: { command } };
  return { ...base, source: 'none', value };
}

function toDefinition(name: string, node: Node, span: Span): Definition {
  const command = toCommand(node);
  const value = valueOf(child(node, 'value'));
  const fallback = valueOf(child(node, 'default'));
  const question = textOf(child(node, 'question'));
  const validationPattern = textOf(child(node, 'validationPattern'));
  const validationMessage = textOf(child(node, 'validationMessage'));
  return {
    name,
    source: value !== undefined && value !== null ? 'none' : toSource(stringAt(node, 'source')),
    ...(value === undefined || value === null ? {} : { value }),
    ...(fallback === undefined || fallback === null ? {} : { default: fallback }),
    ...(question === undefined ? {} : { question }),
    options: textsOf(child(node, 'options')) ?? [],
    isPassword: isTrue(child(node, 'password')),
    ...(validationPattern ? { validationPattern } : {}),
    ...(validationMessage ? { validationMessage } : {}),
    noCache: isTrue(child(node, 'noCache')),
    ...(command ? { command } : {}),
    alwaysResolve: isTrue(child(node, 'alwaysResolve')),
    span,
  };
}

function toSource(source: string | undefined): Definition['source'] {
  return source === 'input' || source === 'env' || source === 'none' || source === 'command' ? source : 'all';
}

/** The first of `commands` that is meant for this system, else `command`. */
function toCommand(node: Node): VariableCommand | undefined {
  const variants = child(node, 'commands');
  const candidates = variants?.kind === 'sequence' ? variants.items : [];
  const fitting = candidates.find((variant) => fitsSystem(textOf(child(variant, 'os')) ?? '')) ?? node;
  const command = textOf(child(fitting, 'command'));
  if (command === undefined || command === '') return undefined;
  const args = textsOf(child(fitting, 'args'));
  return args ? { command, args } : { command };
}

/** An empty list means every system; names as Go has them, such as `darwin` and `windows`. */
export function fitsSystem(os: string, platform: NodeJS.Platform = process.platform): boolean {
  const names = os
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return names.length === 0 || names.includes(platform === 'win32' ? 'windows' : platform);
}

function valueOf(node: Node | undefined): VariableValue | undefined {
  if (!node) return undefined;
  if (node.kind === 'scalar') return node.value;
  return JSON.stringify(toData(node));
}

function textOf(node: Node | undefined): string | undefined {
  if (node?.kind !== 'scalar' || node.value === null) return undefined;
  return node.text ?? String(node.value);
}

function textsOf(node: Node | undefined): string[] | undefined {
  return node?.kind === 'sequence' ? node.items.map((item) => textOf(item) ?? '') : undefined;
}

function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}
