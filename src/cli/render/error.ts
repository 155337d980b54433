import { errorCodes } from '../../core/error-codes.ts';
import { errorText, UserError } from '../../core/errors.ts';

export interface RenderedError {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** An error as the user sees it: what failed, what to do next; with `--debug` also where in the code. */
export function renderError(error: unknown, detail: 'short' | 'with stack'): RenderedError {
  const user = error instanceof UserError ? error : undefined;
  const code = user?.code ?? 'INTERNAL';
  const message = user ? user.message : `Something in DevSpace itself went wrong: ${errorText(error)}`;
  const hint = user?.hint ?? errorCodes.INTERNAL.remedy;
  const lines = [`${message} [${code}]`, `  → ${hint}`];
  if (detail === 'with stack') lines.push(...stackLines(error));
  return { lines, exitCode: user?.exitCode ?? errorCodes.INTERNAL.exitCode };
}

function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    lines.push(...(current.stack ?? String(current)).split('\n').map((line) => `  ${line}`));
  }
  return lines;
}
