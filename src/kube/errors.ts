import type { ErrorCode } from '../core/error-codes.ts';
import { errorText, systemErrorCode, UserError } from '../core/errors.ts';

/** The `Status` object with which a Kubernetes API server explains itself. */
export interface Status {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

export function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    // the status stream of an exec leaves `kind` out
    if (typeof value === 'object' && value !== null && ('status' in value || 'reason' in value)) return value as Status;
  } catch {
    // proxies and load balancers answer with pages
  }
  return undefined;
}

/** The cause of an error that the server's answer has brought about. */
export class Refusal extends Error {
  readonly httpStatus: number;
  /** Absent: it was not the API server that answered, or it knew no reason. */
  readonly status: Status | undefined;
  /** The server has done nothing yet, and may be asked again so much later. */
  readonly retryAfterMs: number | undefined;

  constructor(httpStatus: number, status: Status | undefined, retryAfterMs?: number) {
    super(`HTTP status ${httpStatus}`);
    this.httpStatus = httpStatus;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the server has answered; `undefined` if the error has another cause. */
export function refusalOf(error: unknown): Refusal | undefined {
  return error instanceof UserError && error.cause instanceof Refusal ? error.cause : undefined;
}

/** An answer of the API server that says no, as an error that names what was attempted. */
export function refusedError(attempt: string, httpStatus: number, body: string, retryAfter?: string): UserError {
  const status = parseStatus(body);
  const words = withMissingRight(status?.message ?? (body.trim().slice(0, 300) || `HTTP status ${httpStatus}`));
  const cause = new Refusal(httpStatus, status, retryAfterMs(httpStatus, retryAfter));
  return new UserError(codeOf(httpStatus, words), `${attempt}: ${words}`, { cause });
}

/** As kubectl understands the header: a server that is overloaded or about to stop gives it, in seconds. */
function retryAfterMs(httpStatus: number, header: string | undefined): number | undefined {
  const seconds = Number(header);
  const isPassing = httpStatus === 429 || httpStatus >= 500;
  return header !== undefined && isPassing && Number.isInteger(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** That an apply may not create is the one refusal for which API servers have no words (`configmaps "x" is forbidden: `). */
const withMissingRight = (words: string): string =>
  words.replace(/ is forbidden:\s*$/, ' is forbidden: your role lacks the verb create for it');

/** How API servers, kubelets and container runtimes say that there is no process to talk to. */
const notRunning =
  /container not found|container .* is not (running|created)|is not valid for pod|completed pod|waiting to start/i;

export function isNotRunning(words: string): boolean {
  return notRunning.test(words);
}

/** Whether the account lacks the right. */
export const isForbidden = (error: unknown): error is UserError =>
  error instanceof UserError && error.code === 'KUBE_FORBIDDEN';

/** For a list that the account may do without: nothing where it lacks the right. Throws any other error. */
export function noneIfForbidden(error: unknown): never[] {
  if (isForbidden(error)) return [];
  throw error;
}

function codeOf(httpStatus: number, words: string): ErrorCode {
  if (httpStatus !== 401 && httpStatus !== 403 && isNotRunning(words)) return 'CONTAINER_NOT_RUNNING';
  switch (httpStatus) {
    case 401:
      return 'KUBE_UNAUTHORIZED';
    case 403:
      return 'KUBE_FORBIDDEN';
    case 404:
      return 'KUBE_NOT_FOUND';
    case 409:
      return 'KUBE_CONFLICT';
    default:
      return 'KUBE_REJECTED';
  }
}

/** A failure below HTTP: name resolution, refused connection, certificates, time-outs. */
export function unreachableError(server: string, error: unknown): UserError {
  const code = systemErrorCode(error);
  const words =
    code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'its name cannot be resolved'
        : errorText(error);
  return new UserError('KUBE_UNREACHABLE', `The API server ${server} cannot be reached: ${words}`, { cause: error });
}
