import { errorText, systemErrorCode, UserError } from '../core/errors.ts';

/** A failed call of the engine. Answers of the engine itself keep its words; everything else means it is not there. */
export function engineError(where: string, error: unknown): UserError {
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') {
    const words = engineWords(error);
    return new UserError('BUILD_FAILED', `The Docker Engine refused: ${words}`, { ...spaceHint(words), cause: error });
  }
  const code = systemErrorCode(error);
  const words =
    code === 'ENOENT' || code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'EACCES'
        ? 'you may not use its socket'
        : errorText(error);
  return new UserError('DOCKER_UNREACHABLE', `No Docker Engine answers ${where}: ${words}.`, { cause: error });
}

/** What to do about a full disk, which is known by the words of the system only. */
export function spaceHint(words: string): { readonly hint?: string } {
  if (!/no space left on device/i.test(words)) return {};
  return { hint: 'The disk of the Docker Engine is full. Delete what earlier builds left: devspace cleanup images' };
}

/** The HTTP status of a failed call, if the engine gave the answer. */
export function statusOf(error: unknown): number | undefined {
  const cause: unknown = error instanceof UserError ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('statusCode' in cause)) return undefined;
  return typeof cause.statusCode === 'number' ? cause.statusCode : undefined;
}

function engineWords(error: object): string {
  if ('json' in error && typeof error.json === 'object' && error.json !== null && 'message' in error.json) {
    return String(error.json.message);
  }
  // where a stream was asked for, the library has the words in its own text only: (HTTP code 500) server error - words
  return errorText(error)
    .replace(/^\(HTTP code \d+\) .*? - /, '')
    .trim();
}
