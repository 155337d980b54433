/**
 * The value of a plain (unquoted) scalar. The rules are those of the YAML library that the files were written for:
 * YAML 1.2 words, with the older forms `0777`, `0b11` and `1_000` for numbers. `yes`, `no`, `on` and `off` stay words.
 */
export function toPlainValue(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  return toInteger(digits) ?? toFloat(digits) ?? text;
}

const words = new Map<string, boolean | null | number>([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['.inf', Number.POSITIVE_INFINITY],
  ['.Inf', Number.POSITIVE_INFINITY],
  ['.INF', Number.POSITIVE_INFINITY],
  ['+.inf', Number.POSITIVE_INFINITY],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['-.Inf', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['.NaN', Number.NaN],
  ['.NAN', Number.NaN],
]);

/** Undefined also for what a number cannot hold exactly: such a text is kept as it is rather than changed. */
function toInteger(digits: string): number | undefined {
  const match = /^([-+]?)(0x[\da-f]+|0o[0-7]+|0b[01]+|0[0-7]*|[1-9]\d*)$/i.exec(digits);
  if (!match?.[2]) return undefined;
  const body = /^0[0-7]+$/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2];
  const value = Number(body) * (match[1] === '-' ? -1 : 1);
  return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : undefined;
}

function toFloat(digits: string): number | undefined {
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits)) return undefined;
  const value = Number(digits);
  const isWhole = /^[-+]?\d+$/.test(digits);
  return Number.isFinite(value) && (!isWhole || Number.isSafeInteger(value)) ? value : undefined;
}
