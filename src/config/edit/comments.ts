import { type Document, isMap, isPair, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { KeyPath } from '../finding.ts';
import { isFlow, type Layout, lineEndAt, rangeOf } from './layout.ts';

/** The comments of one entry of a map or list, without their `#`. */
interface EntryComments {
  /** On the lines above it. */
  readonly above?: string | undefined;
  /** On its line. */
  readonly beside?: string | undefined;
  /** Below everything that the map or list holds. */
  readonly below?: string | undefined;
}

/** The comments of a text by the path of the entry that they stand at. */
export type Comments = Map<string, EntryComments>;

/** Where in the new documents something came to, by the path that it had: puts a comment above it. */
export type Anchors = Map<string, (comment: string) => void>;

/**
 * Who wrote which comment at what. The parser gives the comments on and above the first entry of a map or list to the
 * map or list; here they are with the key and with the entry.
 */
export function collectComments(layout: Layout): Comments {
  const comments: Comments = new Map();
  const collect = (path: KeyPath, node: unknown, aboveFirst: string | undefined): void => {
    for (const { part, value, above, beside } of entriesOf(layout, node, aboveFirst)) {
      const inner = [...path, part];
      const below = isCollection(value) && !isFlow(value) ? (value.comment ?? undefined) : undefined;
      if ([above, beside, below].some((comment) => comment !== undefined))
        comments.set(idOf(inner), { above, beside, below });
      collect(inner, value, isMap(node) ? withoutFirst(commentOf(value), beside) : undefined);
    }
  };
  collect([], layout.root, undefined);
  return comments;
}

/**
 * Puts the comments into the document of one section: each at the entry that came from where it stood, and taken from
 * `comments` with it. What stood at a list that is gone goes to where its first entry went. Gives the places for what is
 * left over.
 */
export function moveComments(document: Document, comments: Comments, toDeclared: (path: KeyPath) => KeyPath): Anchors {
  const anchors: Anchors = new Map();
  const take = (path: KeyPath): EntryComments => {
    const id = idOf(path);
    const found = comments.get(id);
    comments.delete(id);
    const isFirst = path.at(-1) === 0 && path.length > 2;
    const list = isFirst ? take(path.slice(0, -1)) : {};
    return {
      above: joined(list.above, list.beside, found?.above),
      beside: found?.beside,
      below: joined(found?.below, list.below),
    };
  };
  const arrive = (inner: KeyPath, target: unknown): void => {
    const declared = toDeclared(inner);
    const holder = isPair(target) ? target.key : target;
    if (isScalar(holder) || isCollection(holder)) {
      const anchor = (comment: string): void => {
        holder.commentBefore = joined(holder.commentBefore ?? undefined, comment) ?? null;
      };
      if (!anchors.has(idOf(declared))) anchors.set(idOf(declared), anchor);
    }
    const found = take(declared);
    // An entry of a list that becomes one of a map loses its name: the key is what the name was.
    const isNamed = isPair(target) && isMap(target.value) && !target.value.has('name');
    const name = isNamed && typeof declared.at(-1) === 'number' ? take([...declared, 'name']) : {};
    place(target, {
      above: joined(found.above, name.above),
      beside: joined(found.beside, name.beside),
      below: found.below,
    });
  };
  const move = (path: KeyPath, node: unknown): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        const inner = [...path, isScalar(pair.key) ? String(pair.key.value) : ''];
        arrive(inner, pair);
        move(inner, pair.value);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        arrive([...path, index], item);
        move([...path, index], item);
      }
    }
  };
  move([], document.contents);
  return anchors;
}

/** Puts what is left over above the nearest part that is still there. What stood in a section that is gone is lost. */
export function placeRest(comments: Comments, anchors: Anchors): void {
  for (const [id, { above, beside, below }] of comments) {
    const path = JSON.parse(id) as string[];
    const ends = Array.from({ length: path.length }, (_, index) => path.length - index);
    const anchor = ends.map((end) => anchors.get(idOf(path.slice(0, end)))).find((found) => found !== undefined);
    const comment = joined(above, beside, below);
    if (comment !== undefined) anchor?.(comment);
  }
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
    beside: isMap(item) ? undefined : endCommentOf(item),
  }));
}

/** A map or list begins on a later line than its key, unless it is in braces. */
function besidePair({ text }: Layout, { key, value }: Pair): string | undefined {
  if (!isCollection(value) || isFlow(value)) return endCommentOf(value);
  const keyEnd = rangeOf(key)[1];
  return /^\s*:[ \t]+#(.*)$/.exec(text.slice(keyEnd, lineEndAt(text, keyEnd)))?.[1];
}

function place(target: unknown, { above, beside, below }: EntryComments): void {
  const holder = isPair(target) ? target.key : target;
  const value = isPair(target) ? target.value : target;
  const isBlock = isCollection(value) && value.items.length > 0;
  const isHolder = isScalar(holder) || isCollection(holder);
  const before = joined(above, isBlock ? undefined : below);
  if (isHolder && before !== undefined) holder.commentBefore = before;
  if (isBlock && below !== undefined) value.comment = below;
  if (beside === undefined) return;
  if (isBlock && isScalar(holder)) holder.comment = beside;
  else if (isBlock && isHolder) holder.commentBefore = joined(before, beside) ?? null;
  else if (isScalar(value) || isCollection(value)) value.comment = beside;
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
