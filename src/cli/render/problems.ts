import type { Writable } from 'node:stream';
import type { AnalyzeReport } from '../../workflows/analyze.ts';
import { writeOut } from './write-out.ts';

/** Prints what is wrong in a namespace: a line for each problem, below it what the container printed last. */
export async function renderProblems(
  { namespace, problems, unsettled }: AnalyzeReport,
  stdout: Writable,
): Promise<void> {
  const lines = problems.flatMap(({ kind, name, reason, message, lines: printed }) => [
    `${kind} ${name}: ${reason}, ${message}`,
    ...(printed === '' ? [] : ['  Its last lines:', printed.replace(/^/gm, '  ')]),
  ]);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const head = problems.length === 0 ? `No problems in namespace ${namespace}.` : `${count} in namespace ${namespace}:`;
  const open = unsettled.length === 0 ? [] : [`Not settled yet: ${unsettled.join(', ')}`];
  await writeOut(stdout, `${[head, ...lines, ...open].join('\n')}\n`);
}
