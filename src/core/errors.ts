import { type ErrorCode, errorCodes } from './error-codes.ts';

export interface ErrorDetails {
  /** What to do next, a command if possible. Without it the remedy of the code is shown. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * A failure that the user can do something about. The message says what failed, with the name of the thing; it is
 * shown as it is, so it never holds a secret.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? errorCodes[code].remedy;
  }

  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }
}

/** The user (or a signal) ended the run. Nothing is printed for it; the exit code is 130. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

/** True for both our own cancellation and the error that Node.js throws for an aborted signal. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof Error && error.name === 'AbortError');
}

/** The words of any thrown value, without a stack. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(errorText).join('; ');
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/** The `code` of a Node.js system error (`ENOENT`, `EADDRINUSE` …), if it has one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
