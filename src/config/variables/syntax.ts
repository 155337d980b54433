import type { Era } from './era.ts';

/** Values that variables have. */
export type VariableValue = string | number | boolean | null;

/** One `${NAME}` in a text. */
export interface Reference {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** `$${NAME}`: stands for itself without one dollar. */
  readonly isEscaped: boolean;
  /** `$!{NAME}`: the result stays text whatever it looks like. */
  readonly isText: boolean;
}

/** All references of a text, in order. `spec-config.md` 3.1 and 7.1 of the reference have the rules. */
export function findReferences(text: string, era: Era): Reference[] {
  if (!text.includes('${') && !text.includes('$!{')) return [];
  const references: Reference[] = [];
  const pattern = era.hasWideNames ? wideReference : reference;
  pattern.lastIndex = 0;
  // `matchAll` copies the pattern for each text, which large files feel
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    // read by position, because taking a match apart costs more than finding it
    const isText = match[2] === '!';
    if (isText && !era.hasTextMark) continue;
    const { index: start } = match;
    const isEscaped = (match[1] ?? '').length > 1;
    references.push({ start, end: pattern.lastIndex, name: (match[3] ?? '').trim(), isEscaped, isText });
  }
  return references;
}

const reference = /(\$+)(!?)\{([a-zA-Z0-9\-_.]+)\}/g;
const wideReference = /(\$+)(!?)\{([^}]+)\}/g;

/**
 * The text with its references filled in. What `lookup` does not know stays as it is.
 *
 * A single reference that is the whole text keeps the type of the variable; within a longer text the result is text. In
 * the older eras the complete result is turned into a number or a Boolean when it looks like one.
 */
export function fillReferences(
  text: string,
  era: Era,
  lookup: (name: string) => VariableValue | undefined,
  references: readonly Reference[] = findReferences(text, era),
): VariableValue {
  const only = references[0];
  if (!only) return text;
  if (references.length === 1 && only.start === 0 && only.end === text.length && !only.isEscaped) {
    const value = lookup(only.name);
    if (value === undefined) return text;
    if (only.isText) return toText(value);
    return era.typesWholeText ? toTyped(toText(value)) : value;
  }
  const isText = references.some((reference) => reference.isText);
  const result = replaceReferences(text, references, lookup);
  return era.typesWholeText && !isText ? toTyped(result) : result;
}

/** A whole number first, then a Boolean in the spellings of Go, else text. */
export function toTyped(text: string): VariableValue {
  if (/^[-+]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return toBoolean(text) ?? text;
}

export function toBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  return undefined;
}

export function toText(value: VariableValue): string {
  return value === null ? '' : String(value);
}

function replaceReferences(
  text: string,
  references: readonly Reference[],
  lookup: (name: string) => VariableValue | undefined,
): string {
  let result = '';
  let done = 0;
  for (const { start, end, name, isEscaped } of references) {
    const value = isEscaped ? text.slice(start + 1, end) : lookup(name);
    result += text.slice(done, start) + (value === undefined ? text.slice(start, end) : toText(value));
    done = end;
  }
  return result + text.slice(done);
}
