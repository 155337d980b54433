/** The part of a Dockerfile's line that is read as words: quotes, backslashes and variables. */

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` as Docker does: not in single quotes, not after a
 * backslash. Quotes and backslashes stay.
 */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  const pattern = /\\[\s\S]|'[^']*'|\$(?:\{(\w+)(?::([-+])((?:[^{}]|\{[^}]*\})*))?\}|(\w+))/g;
  return text.replace(pattern, (whole, braced?: string, operator?: string, word = '', plain?: string) => {
    const name = braced ?? plain;
    if (name === undefined) return whole;
    const value = env[name] ?? '';
    if (operator === '-') return value === '' ? expand(String(word), env) : value;
    if (operator === '+') return value === '' ? '' : expand(String(word), env);
    return value;
  });
}

/** Splits at white space outside quotes; quotes and backslashes are kept. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s])+/g) ?? [];
}

/** Takes away quotes and the backslashes that protect a character. */
export function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g,
    (_whole, single?: string, double?: string, plain?: string) => {
      return single ?? double?.replace(/\\(["\\$])/g, '$1') ?? plain ?? '';
    },
  );
}

/** `A=b C="d e"`, or the old form `A b c` for one variable. */
export function toPairs(text: string): [string, string][] {
  const words = splitWords(text);
  if (words[0] !== undefined && !words[0].includes('=')) {
    return [[unquote(words[0]), unquote(text.trim().slice(words[0].length).trim())]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? [unquote(word), ''] : [unquote(word.slice(0, at)), unquote(word.slice(at + 1))];
  });
}

/** The strings of the exec form (`["a", "b"]`), or `undefined` for the shell form, as which Docker takes bad JSON. */
export function toJsonStrings(text: string): string[] | undefined {
  if (!text.trim().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word): word is string => typeof word === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
