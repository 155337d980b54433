/** What a YAML parser says about a text, in the words of the user, and the offset where the cause stands. */
export interface SyntaxMessage {
  readonly message: string;
  readonly offset: number;
}

export function syntaxMessage(reason: string, text: string, offset: number): SyntaxMessage {
  const line = lineAt(text, offset);
  const tab = /^[ ]*\t/.exec(line.text);
  if (tab && /tab/.test(reason)) {
    return {
      message: 'a tab stands at the begin of the line; YAML allows only spaces there',
      offset: line.start + tab[0].length - 1,
    };
  }
  for (const [pattern, message] of messages) {
    if (pattern.test(reason)) return { message, offset };
  }
  if (/bad indentation of a mapping entry/.test(reason)) return mappingEntry(line, offset);
  if (/deficient indentation|unexpected end of the stream within/.test(reason)) {
    return { message: 'a bracket or a quote is opened here and not closed', offset: openedAt(text, offset) };
  }
  if (/end of the stream or a document separator|multiline key/.test(reason))
    return wordWithoutColon(text, line, offset);
  return { message: `this is not valid YAML: ${reason}`, offset };
}

const messages: readonly (readonly [RegExp, string])[] = [
  [/nesting|depth/i, 'more than 100 levels of nesting'],
  [/tab characters must not/, 'a tab stands in the indentation; YAML allows only spaces there'],
  [/bad indentation of a sequence entry/, 'the indentation of this list entry does not fit the lines above'],
  [
    /unknown escape sequence/,
    'unknown escape sequence in a text with double quotes; use single quotes or two backslashes',
  ],
  [/missed comma between flow/, 'a comma is missing between two entries'],
  [/null byte|non-printable/, 'a control character stands here, which YAML does not allow'],
];

function mappingEntry(line: Line, offset: number): SyntaxMessage {
  const column = offset - line.start;
  const value = line.text.slice(column);
  const special = /^[@`%]/.exec(value.trimStart());
  if (special) return { message: `a value that begins with ${special[0]} must be put into quotes`, offset };
  if (/:\s/.test(value) || value.endsWith(':')) {
    return {
      message: 'the indentation of this line does not fit the lines above, or a text with ": " needs quotes',
      offset,
    };
  }
  return { message: 'the indentation of this line does not fit the lines above', offset };
}

/** The last bracket or quote before the offset that has no partner. */
function openedAt(text: string, offset: number): number {
  const open: number[] = [];
  let quote: { readonly mark: string; readonly start: number } | undefined;
  for (let index = Math.max(0, offset - searchedCharacters); index < offset; index += 1) {
    const character = text[index] ?? '';
    if (quote) {
      if (character === quote.mark) quote = undefined;
    } else if ((character === '"' || character === "'") && /[\s:,[{-]/.test(text[index - 1] ?? ' ')) {
      quote = { mark: character, start: index };
    } else if (character === '#' && /\s/.test(text[index - 1] ?? ' ')) {
      const end = text.indexOf('\n', index);
      index = end === -1 ? offset : end;
    } else if (character === '[' || character === '{') {
      open.push(index);
    } else if (character === ']' || character === '}') {
      open.pop();
    }
  }
  return quote?.start ?? open.at(-1) ?? offset;
}

const searchedCharacters = 20_000;

function wordWithoutColon(text: string, line: Line, offset: number): SyntaxMessage {
  const before = text.slice(0, line.start).trimEnd();
  const previous = lineAt(text, before.length);
  const isWord = !/[:|>]\s*$|: /.test(previous.text) && !previous.text.trimStart().startsWith('- ');
  if (before !== '' && isWord && !/^\s*#/.test(previous.text)) {
    const start = previous.start + previous.text.length - previous.text.trimStart().length;
    return { message: 'this line has neither a key with a colon nor a list entry', offset: start };
  }
  return { message: 'this line fits neither the indentation nor the kind of what stands above', offset };
}

interface Line {
  readonly start: number;
  readonly text: string;
}

function lineAt(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return { start, text: text.slice(start, end === -1 ? undefined : end) };
}
