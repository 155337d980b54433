import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { UserError } from '../../core/errors.ts';
import type { KeyPath } from '../finding.ts';
import { toYaml } from '../to-yaml.ts';

/** A YAML text with the ranges of its nodes and the habits of its author. */
export interface Layout {
  readonly text: string;
  readonly root: Node | null;
  /** `\n` or `\r\n`, as most lines of the text end. */
  readonly lineEnd: string;
  /** Columns that a map is indented below its key. */
  readonly indent: number;
  /** Whether the dashes of a list stand further right than the key above it. */
  readonly indentsLists: boolean;
}

export function openLayout(text: string): Layout {
  const document = parseDocument(text, { merge: true, keepSourceTokens: false, strict: false, logLevel: 'silent' });
  const error = document.errors.find(({ code }) => code !== 'BAD_INDENT');
  if (error) throw new UserError('CONFIG_EDIT', `The file is not valid YAML: ${error.message.split('\n')[0]}`);
  const contents = document.contents;
  const root = contents && isScalar(contents) && contents.value === null ? null : contents;
  return { text, root, lineEnd: /\r\n/.test(text) ? '\r\n' : '\n', ...habitsOf(text, contents) };
}

/** The node at a path; nothing when a part of it is missing. */
export function nodeAt(layout: Layout, path: KeyPath): Node | undefined {
  let current: unknown = layout.root;
  for (const part of path) {
    if (isMap(current)) current = pairOf(current, String(part))?.value;
    else if (isSeq(current) && typeof part === 'number') current = current.items[part];
    else return undefined;
  }
  return isNode(current) ? current : undefined;
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.source ?? pair.key.value) === key);
}

export function rangeOf(node: unknown): readonly [number, number, number] {
  if (isNode(node) && node.range) return node.range;
  throw new UserError('CONFIG_EDIT', 'The file has a form that cannot be changed in place');
}

export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** The offset where the line of an offset ends, before its line end. */
export function lineEndAt(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  const stop = end === -1 ? text.length : end;
  return text[stop - 1] === '\r' && stop > offset ? stop - 1 : stop;
}

/** The end of what a node says, without the blank lines and comments that follow it. */
export function contentEnd(text: string, node: unknown): number {
  let end = rangeOf(node)[1];
  while (end > 0 && /\s/.test(text[end - 1] ?? '')) end -= 1;
  return end;
}

/** YAML lines for a value, in the habits of the text. */
export function linesFor(layout: Layout, value: unknown): string[] {
  const text = toYaml(value, { indent: layout.indent, indentSeq: layout.indentsLists });
  return text.replace(/\n$/, '').split('\n');
}

export function isFlow(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !isPair(value) && 'range' in value;
}

function habitsOf(text: string, contents: Node | null): Pick<Layout, 'indent' | 'indentsLists'> {
  const indents: number[] = [];
  let indentsLists: boolean | undefined;
  visit(contents, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || !pair.key.range || isFlow(pair.value)) return;
      const column = columnOf(text, pair.key.range[0]);
      if (isMap(pair.value)) indents.push(firstColumn(text, pair.value) - column);
      if (isSeq(pair.value) && pair.value.range) indentsLists ??= columnOf(text, pair.value.range[0]) > column;
    },
  });
  const indent = indents.find((columns) => columns > 0 && columns <= 8) ?? 2;
  return { indent, indentsLists: indentsLists ?? false };
}

function firstColumn(text: string, node: YAMLMap | YAMLSeq): number {
  return node.range ? columnOf(text, node.range[0]) : 0;
}
