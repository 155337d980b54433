import { UserError } from '../../core/errors.ts';
import type { Entry, Node, ScalarNode } from '../document/node.ts';
import { type ExpressionContext, evaluate, toExpression } from './expression.ts';
import { isForPod, isShellText } from './places.ts';
import type { Resolver } from './resolver.ts';
import { fillReferences, findReferences, type Reference, toText, type VariableValue } from './syntax.ts';

export interface FillOptions {
  readonly resolver: Resolver;
  readonly expressions: ExpressionContext;
  /** Paths such as `/images/app/tags/0` that are to be filled. */
  readonly includes: (path: string) => boolean;
  /** Whether texts for a shell get only what the file defines, or also what the environment has. Default: both. */
  readonly shellNames?: 'defined' | 'all';
  /** The path of the node within the document. */
  readonly path?: string;
}

/**
 * Fills variables, runs expressions, and fills variables again. Keys of maps are never filled. Only what is used in an
 * included place is resolved.
 */
export async function fillVariables(root: Node, options: FillOptions): Promise<Node> {
  const filled = await fillOnce(root, options);
  if (!options.resolver.era.hasExpressions) return filled;
  const evaluated = await runExpressions(filled, options);
  return evaluated === filled ? filled : fillOnce(evaluated, options);
}

/** All places that hold a variable: its name and the path of the value. */
export function usedVariables(
  root: Node,
  resolver: Resolver,
  includes: (path: string) => boolean,
): Map<string, string[]> {
  const used = new Map<string, string[]>();
  visitTexts(root, '', (node, path) => {
    if (!includes(path)) return;
    for (const { name, isEscaped } of findReferences(node.value, resolver.era)) {
      if (isEscaped) continue;
      used.set(name, [...(used.get(name) ?? []), path]);
    }
  });
  return used;
}

async function fillOnce(root: Node, options: FillOptions): Promise<Node> {
  const { resolver, includes, path = '' } = options;
  const isShell = (place: string): boolean => options.shellNames === 'defined' && isShellText(place);
  const isWanted = (name: string, place: string): boolean => !isShell(place) || resolver.isDefined(name);
  const names = new Set<string>();
  const found: { readonly references: readonly Reference[]; readonly place: string }[] = [];
  visitTexts(root, path, (node, place) => {
    const references = includes(place) ? findReferences(node.value, resolver.era) : [];
    for (const { name, isEscaped } of references) if (!isEscaped && isWanted(name, place)) names.add(name);
    found.push({ references, place });
  });
  const values = await resolveAll(names, resolver);
  const inOrder = found.values();
  return mapTexts(root, (node) => {
    const { references = [], place = '' } = inOrder.next().value ?? {};
    if (references.length === 0) return node;
    const valueOf = (name: string): VariableValue | undefined => (isWanted(name, place) ? values.get(name) : undefined);
    const value = fillReferences(node.value, resolver.era, valueOf, references);
    const variables = references.filter(({ name }) => valueOf(name) !== undefined).map(({ name }) => name);
    return { kind: 'scalar', value, span: node.span, via: { ...node.via, variables } };
  });
}

/** All variables without a value are told at once. */
async function resolveAll(names: ReadonlySet<string>, resolver: Resolver): Promise<Map<string, VariableValue>> {
  const values = new Map<string, VariableValue>();
  const failures: UserError[] = [];
  for (const name of names) {
    try {
      const found = await resolver.resolve(name);
      if (found) values.set(name, found.value);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'CONFIG_VARIABLE') throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (!first) return values;
  if (failures.length === 1) throw first;
  const lines = failures.map(({ message, hint }) => `${message}. ${hint}`);
  throw new UserError('CONFIG_VARIABLE', [...new Set(lines)].join('\n'), { cause: first });
}

async function runExpressions(root: Node, options: FillOptions): Promise<Node> {
  const results = new Map<Text, Node>();
  const waiting = new Map<Text, string>();
  visitTexts(root, options.path ?? '', (node, place) => {
    if (options.includes(place) && toExpression(node.value)) waiting.set(node, place);
  });
  for (const [node, place] of waiting) {
    const expression = toExpression(node.value);
    if (!expression || expression.command.includes('${runtime.')) continue;
    await resolveShellNames(expression.command, options.resolver);
    const env = { ...options.expressions.env };
    for (const [name, { value }] of options.resolver.resolved) env[name] = toText(value);
    results.set(node, await evaluate(node, expression, { ...options.expressions, env, isForPod: isForPod(place) }));
  }
  if (results.size === 0) return root;
  return mapTexts(root, (node) => results.get(node) ?? node);
}

/** `$NAME` in a command is expanded by its shell, so the variable must be in the environment by then. */
async function resolveShellNames(command: string, resolver: Resolver): Promise<void> {
  for (const [, name = ''] of command.matchAll(/\$(\w+)/g)) {
    if (resolver.definitions.has(name)) await resolver.resolve(name);
  }
}

/** A text that may refer to something: most do not, and need no closer look. */
interface Text extends ScalarNode {
  readonly value: string;
}

const isText = (node: ScalarNode): node is Text => typeof node.value === 'string' && node.value.includes('$');

/** Looks at the texts in the order of the document. */
function visitTexts(root: Node, path: string, look: (node: Text, path: string) => void): void {
  const trail: (string | number)[] = [path];
  const visit = (node: Node): void => {
    if (node.kind === 'scalar') {
      if (isText(node)) look(node, trail.join('/'));
    } else if (node.kind === 'sequence') node.items.forEach(below);
    else node.entries.forEach(({ value }, key) => below(value, key));
  };
  const below = (node: Node, key: string | number): void => {
    trail.push(key);
    visit(node);
    trail.pop();
  };
  visit(root);
}

/** Changes the texts in the same order. The same node when nothing changed below it. */
function mapTexts(node: Node, change: (node: Text) => Node): Node {
  if (node.kind === 'scalar') return isText(node) ? change(node) : node;
  if (node.kind === 'sequence') {
    const items = node.items.map((item) => mapTexts(item, change));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }
  let changed: Map<string, Entry> | undefined;
  node.entries.forEach((entry, key) => {
    const value = mapTexts(entry.value, change);
    if (value === entry.value) return;
    changed ??= new Map(node.entries);
    changed.set(key, { ...entry, value });
  });
  return changed ? { ...node, entries: changed } : node;
}
