/** A file (or another text) that values were read from. */
export interface Source {
  /** The absolute path. */
  readonly path: string;
  /** As shown in messages: relative to the current folder where it lies below it. */
  readonly name?: string;
  readonly text: string;
}

/** A piece of a source: offsets in UTF-16 units, the end is exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Both count from 1, as editors do. A tab counts as one column. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function toPlace(span: Span): Place {
  const before = span.source.text.slice(0, span.start);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: span.start - lastBreak };
}

/** `devspace.yaml:12:5`. */
export function placeText(span: Span): string {
  const { line, column } = toPlace(span);
  return `${span.source.name ?? span.source.path}:${line}:${column}`;
}
