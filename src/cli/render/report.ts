import type { Writable } from 'node:stream';
import { isCancelled } from '../../core/errors.ts';
import { plainText } from '../../core/redact.ts';
import type { Tools } from '../../workflows/tools.ts';
import { describeError } from './error.ts';
import { writeOut } from './write-out.ts';

/** Prints the result of a command as JSON. */
export async function writeReport(
  report: unknown,
  stdout: Writable,
  replacer?: (key: string, value: unknown) => unknown,
): Promise<void> {
  await writeOut(stdout, `${JSON.stringify(report, replacer, 2)}\n`);
}

export interface ReportOptions {
  /** Without it nothing is printed. */
  readonly output: 'json' | undefined;
  readonly tools: Pick<Tools, 'io' | 'redactor'>;
  /** What is known when the work fails; a failure prints it with the error. */
  readonly begun?: object;
}

/**
 * Does the work and prints its result as JSON if the flag asks for it. A failure is printed, too, as `error`, and then
 * thrown, so that stdout is JSON and the exit code tells the failure.
 */
export async function reporting(
  { output, tools, begun = {} }: ReportOptions,
  work: () => Promise<object>,
): Promise<void> {
  const print = async (report: object): Promise<void> => {
    if (output !== 'json') return;
    await writeReport(report, tools.io.stdout, (_key, value) => (value instanceof Error ? toJson(value) : value));
  };
  const toJson = (error: unknown): object => {
    if (isCancelled(error)) return { code: 'CANCELLED', message: 'The run was cancelled.' };
    const { code, message, hint } = describeError(error);
    const clean = (text: string): string => plainText(tools.redactor.clean(text));
    return { code, message: clean(message), hint: clean(hint) };
  };
  let report: object;
  try {
    report = await work();
  } catch (error) {
    await print({ ...begun, error: toJson(error) });
    throw error;
  }
  await print(report);
}
