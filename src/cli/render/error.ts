import { type ErrorCode, errorCodes } from '../../core/error-codes.ts';
import { errorText, UserError } from '../../core/errors.ts';

/** An error as other programs get it. */
export interface DescribedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** What failed and what to do next; everything that is no mistake of the user is one of ours. */
export function describeError(error: unknown): DescribedError {
  if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint };
  const message = `Something in DevSpace itself went wrong: ${errorText(error)}`;
  return { code: 'INTERNAL', message, hint: errorCodes.INTERNAL.remedy };
}

export interface RenderedError {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** An error as the user sees it: what failed, what to do next; with `--debug` also where in the code. */
export function renderError(error: unknown, detail: 'short' | 'with stack'): RenderedError {
  const { code, message, hint } = describeError(error);
  const lines = [`${message} [${code}]`, `  → ${hint}`];
  if (detail === 'with stack') lines.push(...stackLines(error));
  return { lines, exitCode: errorCodes[code].exitCode };
}

function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    lines.push(...(current.stack ?? String(current)).split('\n').map((line) => `  ${line}`));
  }
  return lines;
}
