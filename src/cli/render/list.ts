import type { Tools } from '../../workflows/tools.ts';

import { type Column, renderTable } from './table.ts';
import { writeOut } from './write-out.ts';

export interface List<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** Said on stderr in place of an empty table. */
  readonly whenEmpty: string;
}

/** Shows a list on stdout and returns the exit code. As JSON it is always there, even when it is empty. */
export async function showList<Row>(
  { rows, columns, whenEmpty }: List<Row>,
  format: 'table' | 'json',
  { io, log }: Pick<Tools, 'io' | 'log'>,
): Promise<number> {
  if (format === 'json') await writeOut(io.stdout, `${JSON.stringify(rows, undefined, 2)}\n`);
  else if (rows.length > 0) await writeOut(io.stdout, renderTable(rows, columns));
  else log.info(whenEmpty);
  return 0;
}
