import type { KeyPath } from '../finding.ts';
import type { Span } from './source.ts';

/**
 * A value that remembers where the user wrote it. Nodes are never changed: profiles, patches and variables make new ones
 * that keep the places of their parts, so that every later finding can point at the text.
 */
export type Node = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** How the value was written, for a plain scalar such as `0700` or `1.10`. */
  readonly text?: string;
  readonly span: Span;
  /** How the value came about, when it is not what stands in the text. */
  readonly via?: Derivation;
}

interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly Node[];
  readonly span: Span;
  readonly via?: Derivation;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
  readonly via?: Derivation;
}

export interface Entry {
  /** Where the key stands. */
  readonly key: Span;
  readonly value: Node;
}

/** Why a value differs from the text that it points at. */
interface Derivation {
  /** The profile whose replace, merge or patch brought the value. */
  readonly profile?: string;
  /** The variables that were filled in, in the order of the text. */
  readonly variables?: readonly string[];
  /** The command of an expression `$(…)`. */
  readonly expression?: string;
}

export function scalar(value: ScalarNode['value'], span: Span): ScalarNode {
  return { kind: 'scalar', value, span };
}

function mapping(entries: Iterable<readonly [string, Entry]>, span: Span): MappingNode {
  return { kind: 'mapping', entries: new Map(entries), span };
}

/** The plain data of a node. Maps have no prototype keys: `__proto__` is a key like any other. */
export function toData(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(toData);
  const data: Record<string, unknown> = {};
  node.entries.forEach((entry, key) => setOwn(data, key, toData(entry.value)));
  return data;
}

/** Nodes for data that no text stands for; everything points at the given place. */
export function fromData(data: unknown, span: Span): Node {
  if (Array.isArray(data)) return { kind: 'sequence', items: data.map((item) => fromData(item, span)), span };
  if (typeof data === 'object' && data !== null) {
    return mapping(
      Object.entries(data).map(([key, value]) => [key, { key: span, value: fromData(value, span) }]),
      span,
    );
  }
  const isPlain = typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean';
  return scalar(isPlain ? data : null, span);
}

export function child(node: Node | undefined, part: string | number): Node | undefined {
  if (node?.kind === 'mapping') return node.entries.get(String(part))?.value;
  if (node?.kind === 'sequence' && typeof part === 'number') return node.items[part];
  return undefined;
}

export function at(node: Node, path: KeyPath): Node | undefined {
  let current: Node | undefined = node;
  for (const part of path) current = child(current, part);
  return current;
}

/** The text of a string value, nothing for any other value. */
export function stringAt(node: Node | undefined, part: string | number): string | undefined {
  const found = child(node, part);
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
}

/** The map with one key set; an existing key keeps its position. */
export function withEntry(node: MappingNode, name: string, entry: Entry): MappingNode {
  return { ...node, entries: new Map(node.entries).set(name, entry) };
}

export function withoutEntry(node: MappingNode, name: string): MappingNode {
  const entries = new Map(node.entries);
  entries.delete(name);
  return { ...node, entries };
}

/** The node with a reason added to it and to everything below it that has none of that kind yet. */
export function withProfile(node: Node, profile: string): Node {
  const via: Derivation = { ...node.via, profile };
  if (node.kind === 'scalar') return { ...node, via };
  if (node.kind === 'sequence') return { ...node, items: node.items.map((item) => withProfile(item, profile)), via };
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { ...entry, value: withProfile(entry.value, profile) });
  }
  return { ...node, entries, via };
}

/** The node with all its places changed. What is shared through aliases stays shared. */
export function withSpans(node: Node, toSpan: (span: Span) => Span, done: Map<Node, Node>): Node {
  const known = done.get(node);
  if (known) return known;
  const result = changeSpans(node, toSpan, done);
  done.set(node, result);
  return result;
}

function changeSpans(node: Node, toSpan: (span: Span) => Span, done: Map<Node, Node>): Node {
  const span = toSpan(node.span);
  if (node.kind === 'scalar') return { ...node, span };
  if (node.kind === 'sequence')
    return { ...node, items: node.items.map((item) => withSpans(item, toSpan, done)), span };
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { key: toSpan(entry.key), value: withSpans(entry.value, toSpan, done) });
  }
  return { ...node, entries, span };
}

export function setOwn(data: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(data, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    data[key] = value;
  }
}
