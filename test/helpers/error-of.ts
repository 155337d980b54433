import { UserError } from '../../src/core/errors.ts';

/** The error with which the promise rejects; fails the test if it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error('the promise did not reject with an error');
}

export async function userErrorOf(promise: Promise<unknown>): Promise<UserError> {
  const error = await errorOf(promise);
  if (error instanceof UserError) return error;
  throw new Error(`no UserError, but ${error.stack ?? error.message}`);
}

/** The `UserError` that the function throws. */
export function thrownBy(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
