import type { Readable } from 'node:stream';
import { errorText } from '../../core/errors.ts';
import type { JsonObject } from '../api/objects.ts';
import { StatusError } from '../api/status.ts';
import type { ProcessStreams } from '../sandbox/sandbox.ts';
import type { Sizes } from './terminal-sizes.ts';

/** The streams of one exec or attach as the client sees them, whatever carries them. */
export interface Channels {
  /** What the client writes to standard input; ends with its half-close. Absent if not asked for. */
  readonly stdin: Readable | undefined;
  /** Resolve when more can be sent; do nothing for a stream that was not asked for. */
  readonly stdout: (data: Buffer) => Promise<void>;
  readonly stderr: (data: Buffer) => Promise<void>;
  readonly sizes: Sizes;
  /** Sends the last word and closes the connection. */
  finish(status: JsonObject): Promise<void>;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

/**
 * Starts the process, carries its streams and ends with its exit code. A client that leaves closes the standard input
 * and no more: the process lives on, as in a real cluster.
 */
export async function serveProcess(
  channels: Channels,
  start: (stop: AbortSignal) => Promise<ProcessStreams>,
  kind: 'exec' | 'attach',
): Promise<void> {
  let process: ProcessStreams;
  try {
    process = await start(channels.gone);
  } catch (error) {
    return channels.finish(startFailure(error));
  }
  channels.sizes.listen((size) => {
    process.resize(size).catch(() => {});
  });
  channels.stdin?.on('error', () => {});
  if (process.stdin && channels.stdin) {
    process.stdin.on('error', () => channels.stdin?.resume());
    channels.stdin.pipe(process.stdin, { end: process.keepsStdin !== true });
  } else channels.stdin?.resume();
  const leave = () => {
    if (kind === 'exec') process.stdin?.end();
    for (const stream of [process.stdout, process.stderr]) stream.resume();
  };
  // The client may have gone while the process was being started.
  if (channels.gone.aborted) leave();
  else channels.gone.addEventListener('abort', leave, { once: true });
  const copied = Promise.all([
    copy(process.stdout, channels.gone, channels.stdout),
    copy(process.stderr, channels.gone, channels.stderr),
  ]);
  const { exitCode } = await process.exited;
  await copied;
  await channels.finish(kind === 'attach' ? successStatus : exitStatus(exitCode));
}

async function copy(source: Readable, gone: AbortSignal, send: (data: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (gone.aborted) break;
      await send(chunk);
    }
  } catch {
    // A stream that breaks has no more to say; the exit code follows.
  }
  source.resume();
}

const successStatus: JsonObject = { metadata: {}, status: 'Success' };

/** Exit codes as `remotecommand` of Kubernetes writes them. */
function exitStatus(exitCode: number): JsonObject {
  if (exitCode === 0) return successStatus;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function startFailure(error: unknown): JsonObject {
  if (error instanceof StatusError) return error.toStatus();
  const message = `Internal error occurred: error executing command in container: failed to exec in container: ${errorText(error)}`;
  return {
    metadata: {},
    status: 'Failure',
    message,
    reason: 'InternalError',
    details: { causes: [{ message: errorText(error) }] },
    code: 500,
  };
}
