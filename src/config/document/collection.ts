import { EVENT_ID, type MappingEvent, type SequenceEvent } from 'js-yaml';
import { errorAt, type Problem } from '../diagnostics.ts';
import type { KeyPath } from '../finding.ts';
import type { Entry, Node } from './node.ts';
import { type Source, type Span, toPlace } from './source.ts';

/** A list or map that is being read. Large files have thousands of them, so they are records without functions. */
export type Composition = OpenSequence | OpenMapping;

interface Open {
  readonly start: number;
  readonly anchor: string | undefined;
  /** Number of values so far, aliases counted as often as they repeat. */
  size: number;
}

interface OpenSequence extends Open {
  readonly kind: 'sequence';
  readonly items: Node[];
}

interface OpenMapping extends Open {
  readonly kind: 'mapping';
  readonly entries: Map<string, Entry>;
  /** Values of merge keys, in their order; absent as long as there are none. */
  merged?: { readonly key: Span; readonly value: Node }[];
  /** The key whose value comes next. */
  key: Node | undefined;
}

export interface CollectionContext {
  readonly source: Source;
  readonly report: (problem: Problem) => void;
  /** Path of what is being read now. */
  readonly path: () => KeyPath;
}

export function startCollection(
  { type, start }: SequenceEvent | MappingEvent,
  anchor: string | undefined,
): Composition {
  return type === EVENT_ID.SEQUENCE
    ? { kind: 'sequence', start, anchor, size: 1, items: [] }
    : { kind: 'mapping', start, anchor, size: 1, entries: new Map(), key: undefined };
}

/** Key or index of what is being read now. */
export function positionIn(open: Composition): string | number {
  if (open.kind === 'sequence') return open.items.length;
  return open.key?.kind === 'scalar' ? nameOf(open.key) : '';
}

/** Adds the next item; of a map, the next key or its value. */
export function addTo(open: Composition, node: Node, size: number, context: CollectionContext): void {
  open.size += size;
  if (open.kind === 'sequence') {
    open.items.push(node);
  } else if (open.key) {
    addPair(open, open.key, node, context);
    open.key = undefined;
  } else {
    open.key = node;
  }
}

/** The complete node; `end` is where its last value ends. */
export function finish(open: Composition, end: number, context: CollectionContext): Node {
  const span = { source: context.source, start: open.start, end: Math.max(open.start + 1, end) };
  if (open.kind === 'sequence') return { kind: 'sequence', items: open.items, span };
  for (const { key, value } of open.merged ?? []) mergeInto(open.entries, value, key, context);
  return { kind: 'mapping', entries: open.entries, span };
}

const nameOf = (key: Extract<Node, { kind: 'scalar' }>): string => key.text ?? String(key.value ?? '');

function addPair(open: OpenMapping, key: Node, value: Node, { source, report, path }: CollectionContext): void {
  const { entries } = open;
  if (key.kind !== 'scalar') {
    report(errorAt(key.span, path().slice(0, -1), complexKey(key, source)));
    return;
  }
  const name = nameOf(key);
  if (name === '<<' && source.text[key.span.start] === '<') {
    open.merged ??= [];
    open.merged.push({ key: key.span, value });
    return;
  }
  const earlier = entries.get(name);
  if (earlier) {
    const message = `the key "${name}" stands here a second time; it is already in line ${toPlace(earlier.key).line}`;
    report({ ...errorAt(key.span, [...path().slice(0, -1), name], message), at: 'key' });
    return;
  }
  entries.set(name, { key: key.span, value });
}

/** Merge keys: what the map has itself wins, earlier maps of a list win over later ones. */
function mergeInto(entries: Map<string, Entry>, value: Node, mergeKey: Span, context: CollectionContext): void {
  const sources = value.kind === 'sequence' ? value.items : [value];
  for (const item of sources) {
    if (item.kind !== 'mapping') {
      context.report(errorAt(mergeKey, [...context.path(), '<<'], 'only maps can be merged with <<'));
      return;
    }
    for (const [name, entry] of item.entries) if (!entries.has(name)) entries.set(name, entry);
  }
}

function complexKey(key: Node, source: Source): string {
  const isTemplate = source.text.slice(key.span.start - 1, key.span.start + 1) === '{{';
  return isTemplate
    ? 'a value that begins with {{ must be put into quotes'
    : `a key must be text, found a ${key.kind === 'sequence' ? 'list' : 'map'}`;
}
