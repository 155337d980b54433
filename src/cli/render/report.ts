import type { Writable } from 'node:stream';
import { writeOut } from './write-out.ts';

/** Prints the result of a command as JSON if the flag asks for it. */
export async function writeReport(
  report: unknown,
  { output, stdout }: { readonly output: 'json' | undefined; readonly stdout: Writable },
): Promise<void> {
  if (output === 'json') await writeOut(stdout, `${JSON.stringify(report, undefined, 2)}\n`);
}
