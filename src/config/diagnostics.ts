import path from 'node:path';
import { UserError } from '../core/errors.ts';
import { plainText } from '../core/redact.ts';
import { at, child, type Node } from './document/node.ts';
import { type Span, toPlace } from './document/source.ts';
import { type Finding, type KeyPath, toDottedPath } from './finding.ts';

/** A finding with the text that it is about. */
export interface Problem extends Finding {
  /** Absent only when there is no text to point at. */
  readonly span?: Span;
}

/** Turns the path of a finding into the text that the user wrote, also through profiles, imports and variables. */
export function locate(finding: Finding, root: Node): Problem {
  const parentPath = finding.path.slice(0, -1);
  const last = finding.path.at(-1);
  const parent = at(root, parentPath);
  if (finding.at === 'key' && parent?.kind === 'mapping' && last !== undefined) {
    const entry = parent.entries.get(String(last));
    if (entry) return { ...finding, span: entry.key };
  }
  const span = finding.at === 'key' ? keySpan(root, finding.path) : nearest(root, finding.path)?.span;
  return span ? { ...finding, span } : finding;
}

/** One error for all findings: `file:line:column: key.path: …` each with the line and a marker below it. */
export function toConfigError(problems: readonly Problem[], cwd: string): UserError {
  const sorted = inFileOrder(problems.filter(({ severity }) => severity === 'error'));
  const shown = sorted.slice(0, shownProblems).map((problem) => problemText(problem, cwd));
  if (sorted.length > shown.length) shown.push(`… and ${sorted.length - shown.length} more`);
  return new UserError('CONFIG_INVALID', shown.join('\n\n'));
}

/** The text of one finding, with a snippet. Paths are shown relative to `cwd` when they lie below it. */
export function problemText(problem: Problem, cwd: string): string {
  const head = [place(problem.span, cwd), toDottedPath(problem.path)].filter(Boolean).join(': ');
  const allowed = problem.allowed === undefined ? '' : `; allowed: ${problem.allowed}`;
  const suggestion = problem.suggestion === undefined ? '' : `; did you mean "${problem.suggestion}"?`;
  const sentence = `${head}${head === '' ? '' : ': '}${problem.message}${allowed}${suggestion}`;
  return plainText(problem.span ? `${sentence}\n${snippet(problem.span)}` : sentence);
}

/** The finding in one line, for warnings. */
export function problemLine(problem: Problem, cwd: string): string {
  return problemText(problem, cwd).split('\n')[0] ?? problem.message;
}

export function errorAt(span: Span, keyPath: KeyPath, message: string): Problem {
  return { severity: 'error', path: keyPath, at: 'value', message, span };
}

export function warningAt(span: Span, keyPath: KeyPath, message: string): Problem {
  return { severity: 'warning', path: keyPath, at: 'value', message, span };
}

const shownProblems = 50;
const snippetWidth = 160;

function keySpan(root: Node, keyPath: KeyPath): Span | undefined {
  for (let length = keyPath.length; length > 0; length -= 1) {
    const parent = at(root, keyPath.slice(0, length - 1));
    const part = keyPath[length - 1];
    if (parent?.kind === 'mapping') {
      const entry = parent.entries.get(String(part));
      if (entry) return entry.key;
    }
    if (parent?.kind === 'sequence' && typeof part === 'number' && parent.items[part]) return parent.items[part].span;
  }
  return root.span;
}

function nearest(root: Node, keyPath: KeyPath): Node {
  let current = root;
  for (const part of keyPath) {
    const next = child(current, part);
    if (!next) return current;
    current = next;
  }
  return current;
}

function place(span: Span | undefined, cwd: string): string {
  if (!span) return '';
  const { line, column } = toPlace(span);
  return `${shownPath(span.source.path, cwd)}:${line}:${column}`;
}

/** Relative below `cwd`, else as it is. */
export function shownPath(file: string, cwd: string): string {
  if (!path.isAbsolute(file)) return file;
  const relative = path.relative(cwd, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative) ? relative : file;
}

function snippet(span: Span): string {
  const { line, column } = toPlace(span);
  const lineStart = span.start - column + 1;
  const lineEnd = span.source.text.indexOf('\n', lineStart);
  const text = span.source.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, '');
  const cut = Math.max(0, column - 1 - snippetWidth / 2);
  const shown = text.slice(cut, cut + snippetWidth);
  const number = String(line);
  const length = Math.max(1, Math.min(span.end, lineStart + text.length) - span.start);
  const room = Math.max(1, shown.length - (column - 1 - cut));
  const indent = shown.slice(0, column - 1 - cut).replace(/[^\t]/g, ' ');
  const marker = `${indent}${'^'.repeat(Math.min(length, room))}`;
  return `  ${number} | ${shown}\n  ${' '.repeat(number.length)} | ${marker}`;
}

function inFileOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ span }) => span?.source.path ?? ''))];
  const seen = new Set<string>();
  const unique = problems.filter((problem) => {
    const id = `${problem.span?.source.path}:${problem.span?.start}:${problem.message}`;
    return seen.has(id) ? false : seen.add(id);
  });
  return unique.sort(
    (a, b) =>
      files.indexOf(a.span?.source.path ?? '') - files.indexOf(b.span?.source.path ?? '') ||
      (a.span?.start ?? 0) - (b.span?.start ?? 0),
  );
}
