/**
 * Lists and maps in brackets, and quoted texts, may go on in lines that are not indented: the YAML library that the
 * files were written for allows it, the standard does not.
 */
export interface LooseText {
  /** The text with the lines indented that need it. */
  readonly text: string;
  /** Where an offset of the indented text was in the original. */
  readonly toOriginal: (offset: number) => number;
}

/** The text as it is. */
export function asWritten(text: string): LooseText {
  return { text, toOriginal: (offset) => offset };
}

/**
 * Indents the lines of the bracket or quote that is open at the offset (of the indented text) up to where it is closed.
 * Nothing when none is open there or it is never closed: then the text is wrong.
 */
export function indentOpenFlow(original: string, loose: LooseText, offset: number): LooseText | undefined {
  const opener = findOpener(loose.text, offset);
  if (opener === undefined) return undefined;
  const end = findEnd(loose.text, opener);
  if (end === undefined || end < offset) return undefined;
  const first = lineOf(loose.text, opener) + 1;
  const last = lineOf(loose.text, end);
  const padding = ' '.repeat(opener - lineStart(loose.text, opener) + 1);
  const lines = loose.text.split('\n').map((line, index) => (index >= first && index <= last ? padding + line : line));
  return withMapping(original, lines);
}

function withMapping(original: string, lines: readonly string[]): LooseText {
  const written = original.split('\n');
  const starts: { readonly loose: number; readonly original: number; readonly added: number }[] = [];
  let [looseStart, originalStart] = [0, 0];
  for (const [index, line] of lines.entries()) {
    const length = written[index]?.length ?? 0;
    starts.push({ loose: looseStart, original: originalStart, added: line.length - length });
    looseStart += line.length + 1;
    originalStart += length + 1;
  }
  return {
    text: lines.join('\n'),
    toOriginal(offset) {
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle]?.loose ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      const start = starts[low];
      return start ? start.original + Math.max(0, offset - start.loose - start.added) : offset;
    },
  };
}

/** The nearest bracket or quote above that has no partner before the offset's line. */
function findOpener(text: string, offset: number): number | undefined {
  let depth = 0;
  let end = lineStart(text, offset) - 1;
  let openQuote: number | undefined;
  for (let count = 0; count < maxLines && end >= 0; count += 1) {
    const start = lineStart(text, end);
    const marks = marksOf(text, start, end);
    if (marks.openQuote !== undefined && openQuote === undefined) openQuote = marks.openQuote;
    for (const { index, isOpen } of marks.brackets.toReversed()) {
      depth += isOpen ? -1 : 1;
      if (depth < 0) return index;
    }
    if (openQuote !== undefined) return openQuote;
    end = start - 1;
  }
  return undefined;
}

const maxLines = 2_000;

interface Marks {
  readonly brackets: readonly { readonly index: number; readonly isOpen: boolean }[];
  /** A quote that is not closed in its line. */
  readonly openQuote?: number;
}

function marksOf(text: string, start: number, end: number): Marks {
  const brackets: { index: number; isOpen: boolean }[] = [];
  for (let index = start; index < end; index += 1) {
    const character = text[index] ?? '';
    if (isComment(text, index)) break;
    if (isQuote(text, index)) {
      const close = closingQuote(text, index, end);
      if (close === undefined) return { brackets, openQuote: index };
      index = close;
    } else if ('[{'.includes(character)) brackets.push({ index, isOpen: true });
    else if (']}'.includes(character)) brackets.push({ index, isOpen: false });
  }
  return { brackets };
}

/** The offset of the bracket or quote that closes the one at the offset. */
function findEnd(text: string, opener: number): number | undefined {
  if (isQuote(text, opener)) return closingQuote(text, opener, text.length);
  let depth = 0;
  for (let index = opener; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (isComment(text, index)) {
      const stop = text.indexOf('\n', index);
      if (stop === -1) return undefined;
      index = stop;
    } else if (isQuote(text, index)) {
      const close = closingQuote(text, index, text.length);
      if (close === undefined) return undefined;
      index = close;
    } else if ('[{'.includes(character)) depth += 1;
    else if (']}'.includes(character)) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return undefined;
}

/** Quotes count only where a value can begin. */
function isQuote(text: string, index: number): boolean {
  const character = text[index];
  return (character === '"' || character === "'") && /[\s:,[{-]/.test(text[index - 1] ?? ' ');
}

function isComment(text: string, index: number): boolean {
  return text[index] === '#' && /\s/.test(text[index - 1] ?? ' ');
}

function closingQuote(text: string, opener: number, end: number): number | undefined {
  const mark = text[opener];
  for (let index = opener + 1; index < end; index += 1) {
    if (text[index] === '\\' && mark === '"') index += 1;
    else if (text[index] === mark && mark === "'" && text[index + 1] === mark) index += 1;
    else if (text[index] === mark) return index;
  }
  return undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineOf(text: string, offset: number): number {
  let line = 0;
  for (let index = text.indexOf('\n'); index !== -1 && index < offset; index = text.indexOf('\n', index + 1)) line += 1;
  return line;
}
