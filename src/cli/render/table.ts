import { plainText } from '../../core/redact.ts';

/** A column of a table: its head and what stands in it for one row. */
export interface Column<Row> {
  readonly head: string;
  text(row: Row): string;
}

const gap = '   ';

/**
 * Rows as aligned text: upper-case heads, columns as wide as their longest text, no lines around them, no spaces at the
 * end of a line. Several lines within a text become one. Every line ends with a line break.
 */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const heads = columns.map(({ head }) => head.toUpperCase());
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const widths = heads.map((head, index) => Math.max(...[head, ...cells.map((row) => row[index] ?? '')].map(widthOf)));
  const lines = [heads, ...cells].map((row) =>
    row
      .map((text, index) => text + ' '.repeat((widths[index] ?? 0) - widthOf(text)))
      .join(gap)
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

const oneLine = (text: string): string => plainText(text).replace(/\s*\n\s*/g, ' ');

/** Characters as people count them, not UTF-16 units. */
const widthOf = (text: string): number => [...text].length;
