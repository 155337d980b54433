import { type Document, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { KeyPath } from '../finding.ts';
import { isFlow, type Layout, lineEndAt, rangeOf } from './layout.ts';

/** The comments of one entry of a map or list, without their `#`. */
interface EntryComments {
  /** On the lines above it. */
  readonly above?: string | undefined;
  /** On its line. */
  readonly beside?: string | undefined;
}

/** The comments of a text by the path of the entry that they stand at. */
export type Comments = Map<string, EntryComments>;

/**
 * Who wrote which comment at what. The parser gives the comments on and above the first entry of a map or list to the
 * map or list; here they are with the key and with the entry.
 */
export function collectComments(layout: Layout): Comments {
  const comments: Comments = new Map();
  const collect = (path: KeyPath, node: unknown, aboveFirst: string | undefined): void => {
    for (const { part, value, above, beside } of entriesOf(layout, node, aboveFirst)) {
      const inner = [...path, part];
      if (above !== undefined || beside !== undefined) comments.set(idOf(inner), { above, beside });
      collect(inner, value, isMap(node) ? withoutFirst(commentOf(value), beside) : undefined);
    }
  };
  collect([], layout.root, undefined);
  return comments;
}

/**
 * Puts the comments into the document of one section: each at the entry that came from where it stood, and taken from
 * `comments` with it. What stood at a list that is gone goes to where its first entry went. What stands above the section
 * stays out.
 */
export function moveComments(document: Document, comments: Comments, toDeclared: (path: KeyPath) => KeyPath): void {
  const take = (path: KeyPath): EntryComments => {
    const id = idOf(path);
    const found = comments.get(id);
    comments.delete(id);
    const isFirst = path.at(-1) === 0 && path.length > 2;
    const list = isFirst ? take(path.slice(0, -1)) : {};
    return { above: joined(list.above, list.beside, found?.above), beside: found?.beside };
  };
  const move = (path: KeyPath, node: unknown): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        const inner = [...path, isScalar(pair.key) ? String(pair.key.value) : ''];
        const { above, beside } = take(toDeclared(inner));
        placeAtPair(pair, { above: inner.length === 1 ? undefined : above, beside });
        move(inner, pair.value);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const inner = [...path, index];
        placeAtItem(item, take(toDeclared(inner)));
        move(inner, item);
      }
    }
  };
  move([], document.contents);
}

interface Entry extends EntryComments {
  readonly part: string | number;
  readonly value: unknown;
}

function entriesOf(layout: Layout, node: unknown, aboveFirst: string | undefined): Entry[] {
  if (isMap(node)) {
    return node.items.map((pair, index) => ({
      part: isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : '',
      value: pair.value,
      above: (isScalar(pair.key) && pair.key.commentBefore) || (index === 0 ? aboveFirst : undefined),
      beside: besidePair(layout, pair),
    }));
  }
  if (!isSeq(node)) return [];
  return node.items.map((item, index) => ({
    part: index,
    value: item,
    above: commentOf(item) ?? (index === 0 ? aboveFirst : undefined),
    beside: isMap(item) ? besideName(item) : endCommentOf(item),
  }));
}

/** A map or list begins on a later line than its key, unless it is in braces. */
function besidePair({ text }: Layout, { key, value }: Pair): string | undefined {
  if (!isCollection(value) || isFlow(value)) return endCommentOf(value);
  const keyEnd = rangeOf(key)[1];
  return /^\s*:[ \t]+#(.*)$/.exec(text.slice(keyEnd, lineEndAt(text, keyEnd)))?.[1];
}

/** An entry of a list that becomes one of a map loses its name: the key is what the name was. */
function besideName(item: YAMLMap): string | undefined {
  const name = item.items.find(({ key }) => isScalar(key) && key.value === 'name')?.value;
  return isScalar(name) ? endCommentOf(name) : undefined;
}

function placeAtPair({ key, value }: Pair, { above, beside }: EntryComments): void {
  if (isScalar(key) && above !== undefined) key.commentBefore = above;
  if (beside === undefined) return;
  if (isCollection(value) && value.items.length > 0 && isScalar(key)) key.comment = beside;
  else if (isScalar(value) || isCollection(value)) value.comment = beside;
}

function placeAtItem(item: unknown, { above, beside }: EntryComments): void {
  if (!isScalar(item) && !isCollection(item)) return;
  if (above !== undefined) item.commentBefore = above;
  if (beside !== undefined && isScalar(item)) item.comment = beside;
}

function withoutFirst(comment: string | undefined, first: string | undefined): string | undefined {
  if (comment === undefined || first === undefined) return comment;
  return comment === first ? undefined : comment.startsWith(`${first}\n`) ? comment.slice(first.length + 1) : comment;
}

function joined(...comments: readonly (string | undefined)[]): string | undefined {
  const given = comments.filter((comment) => comment !== undefined);
  return given.length === 0 ? undefined : given.join('\n');
}

function commentOf(node: unknown): string | undefined {
  return isScalar(node) || isCollection(node) ? (node.commentBefore ?? undefined) : undefined;
}

function endCommentOf(node: unknown): string | undefined {
  return isScalar(node) || isCollection(node) ? (node.comment ?? undefined) : undefined;
}

function isCollection(node: unknown): node is YAMLMap | YAMLSeq {
  return isMap(node) || isSeq(node);
}

function idOf(path: KeyPath): string {
  return JSON.stringify(path.map(String));
}
