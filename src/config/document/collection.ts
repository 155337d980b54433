import { EVENT_ID, type MappingEvent, type SequenceEvent } from 'js-yaml';
import { errorAt, type Problem } from '../diagnostics.ts';
import type { KeyPath } from '../finding.ts';
import type { Entry, Node } from './node.ts';
import { type Source, type Span, toPlace } from './source.ts';

/** A list or map that is being read. */
export interface Composition {
  readonly anchor: string | undefined;
  /** Number of values so far, aliases counted as often as they repeat. */
  readonly size: number;
  readonly add: (node: Node, size: number) => void;
  /** Key or index of what is being read now. */
  readonly position: () => string | number;
  readonly finish: (end: number) => Node;
}

export interface CollectionContext {
  readonly source: Source;
  readonly report: (problem: Problem) => void;
  /** Path of what is being read now. */
  readonly path: () => KeyPath;
}

export function startCollection(
  event: SequenceEvent | MappingEvent,
  context: CollectionContext,
  anchor: string | undefined,
): Composition {
  return event.type === EVENT_ID.SEQUENCE
    ? startSequence(event.start, context, anchor)
    : startMapping(event.start, context, anchor);
}

function startSequence(start: number, { source }: CollectionContext, anchor: string | undefined): Composition {
  const items: Node[] = [];
  let size = 1;
  return {
    anchor,
    get size() {
      return size;
    },
    position: () => items.length,
    add(node, added) {
      items.push(node);
      size += added;
    },
    finish: (end) => ({ kind: 'sequence', items, span: { source, start, end: Math.max(start + 1, end) } }),
  };
}

function startMapping(start: number, context: CollectionContext, anchor: string | undefined): Composition {
  const { source, report, path } = context;
  const entries = new Map<string, Entry>();
  const merged: { readonly key: Span; readonly value: Node }[] = [];
  let key: Node | undefined;
  let size = 1;

  const addPair = (keyNode: Node, value: Node): void => {
    if (keyNode.kind !== 'scalar') {
      report(errorAt(keyNode.span, path().slice(0, -1), complexKey(keyNode, source)));
      return;
    }
    const name = keyNode.text ?? String(keyNode.value ?? '');
    if (name === '<<' && source.text[keyNode.span.start] === '<') {
      merged.push({ key: keyNode.span, value });
      return;
    }
    const earlier = entries.get(name);
    if (earlier) {
      const message = `the key "${name}" stands here a second time; it is already in line ${toPlace(earlier.key).line}`;
      report({ ...errorAt(keyNode.span, [...path().slice(0, -1), name], message), at: 'key' });
      return;
    }
    entries.set(name, { key: keyNode.span, value });
  };

  return {
    anchor,
    get size() {
      return size;
    },
    position: () => (key?.kind === 'scalar' ? (key.text ?? String(key.value ?? '')) : ''),
    add(node, added) {
      size += added;
      if (!key) {
        key = node;
        return;
      }
      addPair(key, node);
      key = undefined;
    },
    finish(end) {
      for (const { key: mergeKey, value } of merged) mergeInto(entries, value, mergeKey, context);
      return { kind: 'mapping', entries, span: { source, start, end: Math.max(start + 1, end) } };
    },
  };
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
