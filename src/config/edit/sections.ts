import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isPair, isScalar, isSeq } from 'yaml';
import { UserError } from '../../core/errors.ts';
import type { KeyPath } from '../finding.ts';
import { toDocument, writeYaml } from '../to-yaml.ts';
import type { Data } from '../versions/version.ts';
import { type Anchors, collectComments, moveComments, placeRest } from './comments.ts';
import { columnOf, isFlow, openLayout, rangeOf } from './layout.ts';

export interface Rewrite {
  readonly before: Data;
  readonly after: Data;
  /** The path that something had before. */
  readonly toDeclared: (path: KeyPath) => KeyPath;
}

/**
 * The text with its top-level sections as they are wanted. A section that says the same as before keeps its text; in the
 * others the comments go along with what they stand at.
 */
export function writeSections(text: string, { before, after, toDeclared }: Rewrite): string {
  const layout = openLayout(text);
  if (!isMap(layout.root)) throw new UserError('CONFIG_EDIT', 'The file has a form that cannot be updated');
  const sections = sectionsOf(text);
  const order = ['version', ...Object.keys(before), ...Object.keys(after)];
  const names = [...new Set(order)].filter((name) => Object.hasOwn(after, name));
  const isSame = (name: string): boolean => sections.has(name) && isDeepStrictEqual(before[name], after[name]);
  const comments = collectComments(openLayout(withoutOuterComments(text, sections)));
  for (const id of comments.keys()) if (isSame((JSON.parse(id) as string[])[0] ?? '')) comments.delete(id);
  const documents = new Map<string, Document>();
  const anchors: Anchors = new Map();
  for (const name of names.filter((candidate) => !isSame(candidate))) {
    const document = toDocument({ [name]: after[name] });
    documents.set(name, document);
    for (const [id, anchor] of moveComments(document, comments, toDeclared))
      if (!anchors.has(id)) anchors.set(id, anchor);
  }
  placeRest(comments, anchors);
  const blocks = names.map((name) => {
    const own = sections.get(name);
    const document = documents.get(name);
    if (!document) return own ? text.slice(own.start, own.end) : '';
    const written = writeYaml(document, { indent: layout.indent, indentSeq: layout.indentsLists });
    return own ? text.slice(own.start, own.key) + written + text.slice(own.tail, own.end) : written;
  });
  const joined =
    sectionsHead(text, sections) +
    blocks.map((block) => `${block.replace(/\s+$/, '')}\n`).join(blocks.length > 1 ? '\n' : '');
  const tight = joined.replace(/\n{3,}/g, '\n\n');
  return layout.lineEnd === '\r\n' ? tight.replace(/\r?\n/g, '\r\n') : tight;
}

/** Offsets of a top-level section. */
interface Section {
  /** Where the comment lines directly above it begin. */
  readonly start: number;
  /** The line of its key. */
  readonly key: number;
  /** The comment lines after its last value. */
  readonly tail: number;
  readonly end: number;
}

function sectionsOf(text: string): Map<string, Section> {
  const layout = openLayout(text);
  const starts: (Pick<Section, 'start' | 'key' | 'tail'> & { readonly name: string })[] = [];
  for (const pair of isMap(layout.root) ? layout.root.items : []) {
    if (!isScalar(pair.key) || !pair.key.range) continue;
    const key = pair.key.range[0] - columnOf(text, pair.key.range[0]);
    const tail = tailStart(text, pair.value ?? pair.key);
    starts.push({ name: String(pair.key.value), key, start: commentStart(text, key), tail });
  }
  return new Map(
    starts.map(({ name, start, key, tail }, index) => {
      const end = starts[index + 1]?.start ?? text.length;
      return [name, { start, key, tail: Math.min(tail, end), end }];
    }),
  );
}

/** Where the comment lines directly above a line begin. */
function commentStart(text: string, line: number): number {
  const start = text.lastIndexOf('\n', line - 2) + 1;
  return start < line && /^[ \t]*#/.test(text.slice(start, line)) ? commentStart(text, start) : line;
}

/** Where nothing but comments and blank lines follow the last value of a section. */
function tailStart(text: string, value: unknown): number {
  let last = value;
  while ((isMap(last) || isSeq(last)) && !isFlow(last) && last.items.length > 0) {
    const item: unknown = last.items.at(-1);
    last = isPair(item) ? (item.value ?? item.key) : item;
  }
  const end = rangeOf(last)[1];
  if (text[end - 1] === '\n') return end;
  const lineEnd = text.indexOf('\n', end);
  return lineEnd === -1 ? text.length : lineEnd + 1;
}

/** The same text and offsets, without what stays in its place above and after the sections. */
function withoutOuterComments(text: string, sections: ReadonlyMap<string, Section>): string {
  let result = text;
  for (const { start, key, tail, end } of sections.values()) {
    for (const [from, to] of [
      [start, key],
      [tail, end],
    ] as const) {
      result = result.slice(0, from) + result.slice(from, to).replace(/[^\n]/g, ' ') + result.slice(to);
    }
  }
  return result;
}

/** What stands above the first section and is not its comment. */
function sectionsHead(text: string, sections: ReadonlyMap<string, Section>): string {
  return text.slice(0, [...sections.values()][0]?.start ?? 0);
}
