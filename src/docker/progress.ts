import type { Readable } from 'node:stream';
import { abortReason } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';

/** One JSON line of the engine's progress stream. */
export interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly error?: string;
  /** What belongs to the kind that `id` names. */
  readonly aux?: unknown;
}

/**
 * Reads the engine's progress to its end; `onMessage` may throw to stop. A stream that breaks in the middle is an
 * error: the build or push may not have happened.
 */
export async function readMessages(
  answer: Readable,
  signal: AbortSignal,
  onMessage: (message: EngineMessage) => void,
): Promise<void> {
  const onAbort = () => answer.destroy(abortReason(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let rest = '';
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onMessage(JSON.parse(line) as EngineMessage);
    }
    if (rest.trim() !== '') onMessage(JSON.parse(rest) as EngineMessage);
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (error instanceof UserError) throw error;
    throw new UserError('DOCKER_UNREACHABLE', 'The connection to the Docker Engine broke.', { cause: error });
  } finally {
    signal.removeEventListener('abort', onAbort);
    answer.destroy();
  }
}
