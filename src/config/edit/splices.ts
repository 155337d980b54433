import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { UserError } from '../../core/errors.ts';
import { type KeyPath, toDottedPath } from '../finding.ts';
import { toYaml } from '../to-yaml.ts';
import { columnOf, contentEnd, isFlow, type Layout, lineEndAt, linesFor, nodeAt, pairOf, rangeOf } from './layout.ts';

/** A piece of the text and what comes into its place. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** Sets the value at the path, which ends in a key; what is missing on the way is made. */
export function spliceSet(layout: Layout, path: KeyPath, value: unknown): Splice {
  const parentPath = path.slice(0, -1);
  const key = path.at(-1);
  if (key === undefined) throw cannotEdit(path);
  const parent = nodeAt(layout, parentPath);
  if (parentPath.length === 0 && !layout.root) return appendTop(layout, { [key]: value });
  if (!parent || isNull(parent)) return spliceSet(layout, parentPath, { [key]: value });
  if (!isMap(parent)) throw cannotEdit(path);
  if (parent.items.length === 0 && parentPath.length > 0) return spliceSet(layout, parentPath, { [key]: value });
  const pair = pairOf(parent, String(key));
  if (!pair)
    return isFlow(parent) ? addToFlow(layout, parent, { [key]: value }) : addToBlock(layout, parent, { [key]: value });
  return replaceValue(layout, rangeOf(pair.key)[0], pair.value, { key, value, path });
}

/** Appends to the list at the path; a missing or empty list is made. */
export function spliceAppend(layout: Layout, path: KeyPath, value: unknown): Splice {
  const list = nodeAt(layout, path);
  if (!list || isNull(list) || (isSeq(list) && list.items.length === 0)) return spliceSet(layout, path, [value]);
  if (!isSeq(list)) throw cannotEdit(path);
  if (isFlow(list)) return addToFlow(layout, list, [value]);
  const dash = dashOf(layout.text, list, 0);
  const column = columnOf(layout.text, dash);
  const lines = linesFor(layout, [value]).map((line) => (line === '' ? '' : ' '.repeat(column) + line));
  const end = lineEndAt(layout.text, contentEnd(layout.text, list.items.at(-1)));
  return { start: end, end, insert: layout.lineEnd + lines.join(layout.lineEnd) };
}

/** Removes what is at the path, with its lines; of maps and lists that become empty also the key. */
export function spliceRemove(layout: Layout, path: KeyPath): Splice {
  const key = path.at(-1);
  const parent = nodeAt(layout, path.slice(0, -1));
  if (key === undefined) throw cannotEdit(path);
  if ((isMap(parent) || isSeq(parent)) && parent.items.length === 1 && path.length > 1) {
    return spliceRemove(layout, path.slice(0, -1));
  }
  if (isMap(parent)) {
    const pair = pairOf(parent, String(key));
    if (!pair) throw cannotEdit(path);
    const start = rangeOf(pair.key)[0];
    const end =
      pair.value === null || isEmptyValue(pair.value) ? rangeOf(pair.key)[1] + 1 : contentEnd(layout.text, pair.value);
    return isFlow(parent) ? cutFlow(layout.text, start, end) : cutLines(layout.text, start, end, path);
  }
  if (isSeq(parent) && typeof key === 'number' && parent.items[key] !== undefined) {
    const item = parent.items[key];
    if (isFlow(parent)) return cutFlow(layout.text, rangeOf(item)[0], contentEnd(layout.text, item));
    return cutLines(layout.text, dashOf(layout.text, parent, key), contentEnd(layout.text, item), path);
  }
  throw cannotEdit(path);
}

function addToBlock(layout: Layout, map: YAMLMap, entry: Record<string, unknown>): Splice {
  const [first] = map.items;
  const last = map.items.at(-1);
  if (!first || !last) throw cannotEdit([]);
  const column = columnOf(layout.text, rangeOf(first.key)[0]);
  const hasValue = last.value !== null && !isEmptyValue(last.value);
  const end = lineEndAt(layout.text, hasValue ? contentEnd(layout.text, last.value) : rangeOf(last.key)[1]);
  const lines = linesFor(layout, entry).map((line) => (line === '' ? '' : ' '.repeat(column) + line));
  return { start: end, end, insert: layout.lineEnd + lines.join(layout.lineEnd) };
}

function addToFlow(layout: Layout, node: YAMLMap | YAMLSeq, value: unknown): Splice {
  const [start, end] = rangeOf(node);
  const inner = toYaml(value, { collectionStyle: 'flow' }).trim().slice(1, -1).trim();
  if (node.items.length === 0) return { start: start + 1, end: end - 1, insert: isMap(node) ? ` ${inner} ` : inner };
  const lastItem: unknown = node.items.at(-1);
  const last = isMap(node) ? (node.items.at(-1)?.value ?? node.items.at(-1)?.key) : lastItem;
  const at = contentEnd(layout.text, last);
  return { start: at, end: at, insert: `, ${inner}` };
}

interface NewValue {
  readonly key: string | number;
  readonly value: unknown;
  readonly path: KeyPath;
}

/** A scalar is exchanged in its place; anything else gets the whole entry written anew. */
function replaceValue(layout: Layout, keyStart: number, old: unknown, { key, value, path }: NewValue): Splice {
  const column = columnOf(layout.text, keyStart);
  const isSimple = typeof value !== 'object' || value === null;
  if (isSimple && old !== null && !isEmptyValue(old)) {
    const inline = toYaml(value).trim();
    if (!inline.includes('\n')) return { start: rangeOf(old)[0], end: contentEnd(layout.text, old), insert: inline };
  }
  const keyEnd = layout.text.indexOf(':', keyStart) + 1;
  const end = old === null || isEmptyValue(old) ? keyEnd : contentEnd(layout.text, old);
  if (keyEnd === 0) throw cannotEdit(path);
  const [first = '', ...rest] = linesFor(layout, { [key]: value });
  const lines = [first, ...rest.map((line) => (line === '' ? '' : ' '.repeat(column) + line))];
  return { start: keyStart, end, insert: lines.join(layout.lineEnd) };
}

function appendTop(layout: Layout, entry: Record<string, unknown>): Splice {
  const end = layout.text.length;
  const gap = layout.text === '' || layout.text.endsWith('\n') ? '' : layout.lineEnd;
  return { start: end, end, insert: `${gap}${linesFor(layout, entry).join(layout.lineEnd)}${layout.lineEnd}` };
}

/** Whole lines when nothing else stands on them. */
function cutLines(text: string, start: number, end: number, path: KeyPath): Splice {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  const stop = lineEndAt(text, end);
  const after = text.slice(end, stop);
  if (!/^\s*(#.*)?$/.test(after)) throw cannotEdit(path);
  if (/^\s*$/.test(before)) {
    const next = text.indexOf('\n', stop);
    return { start: lineStart, end: next === -1 ? text.length : next + 1, insert: '' };
  }
  if (!/^\s*(- )+\s*$/.test(before)) throw cannotEdit(path);
  const following = /^\r?\n[ ]*/.exec(text.slice(stop))?.[0] ?? '';
  return { start, end: stop + following.length, insert: '' };
}

function cutFlow(text: string, start: number, end: number): Splice {
  const after = /^\s*,\s*/.exec(text.slice(end))?.[0];
  if (after !== undefined) return { start, end: end + after.length, insert: '' };
  const before = /,\s*$/.exec(text.slice(0, start))?.[0] ?? '';
  return { start: start - before.length, end, insert: '' };
}

function dashOf(text: string, list: YAMLSeq, index: number): number {
  const item: unknown = list.items[index];
  const from = index === 0 ? rangeOf(list)[0] : contentEnd(text, list.items[index - 1]);
  const to = rangeOf(item)[0];
  const dash = index === 0 ? from : text.lastIndexOf('-', to - 1);
  if (text[dash] !== '-') throw cannotEdit([]);
  return dash;
}

function isNull(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

/** Nothing is written after the colon. */
function isEmptyValue(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

function cannotEdit(path: KeyPath): UserError {
  return new UserError('CONFIG_EDIT', `${toDottedPath(path) || 'The file'} has a form that cannot be changed in place`);
}
