import { errorText, systemErrorCode, UserError } from '../core/errors.ts';

/** A failed call of the engine. Answers of the engine itself keep its words; everything else means it is not there. */
export function engineError(where: string, error: unknown): UserError {
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') {
    return new UserError('BUILD_FAILED', `The Docker Engine refused: ${engineWords(error)}`, { cause: error });
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

function engineWords(error: object): string {
  if ('json' in error && typeof error.json === 'object' && error.json !== null && 'message' in error.json) {
    return String(error.json.message);
  }
  return errorText(error);
}
