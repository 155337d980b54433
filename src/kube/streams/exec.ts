import { PassThrough, type Readable } from 'node:stream';
import { errorText, UserError } from '../../core/errors.ts';
import type { ExecOptions, ExecSession, TerminalSize } from '../client.ts';
import type { Status } from '../errors.ts';
import { parseStatus } from '../errors.ts';
import type { ContainerRef } from '../objects.ts';
import type { Rest } from '../rest.ts';
import { closeOnAbort, createSpdyConnection, type SpdyConnection } from './spdy-connection.ts';

/** The status stream and its JSON exit code came with this version; servers since 1.4 know it. */
const protocol = 'v4.channel.k8s.io';

/**
 * A process in a container over SPDY: the only transport on which every server from 1.20 on can close the stdin of
 * the process alone (our reference, `streams.md` sections 1.1 and 1.7).
 */
export async function execOverSpdy(rest: Rest, container: ContainerRef, options: ExecOptions): Promise<ExecSession> {
  const tty = options.terminal === 'tty';
  const name = `${container.namespace}/${container.pod}, container ${container.container}`;
  const { socket, head } = await rest.upgrade({
    method: 'POST',
    path: `/api/v1/namespaces/${container.namespace}/pods/${container.pod}/exec`,
    query: [
      ...options.command.map((word) => ['command', word] as const),
      ['container', container.container],
      ['stdin', String(options.stdin === 'open')],
      ['stdout', 'true'],
      ['stderr', String(!tty)],
      ['tty', String(tty)],
    ],
    headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol },
    attempt: `run a command in pod ${name}`,
    signal: options.signal,
  });
  const connection = createSpdyConnection(socket, head);
  const status = connection.open({ streamtype: 'error' });
  const stdin = options.stdin === 'open' ? connection.open({ streamtype: 'stdin' }) : undefined;
  const stdout = connection.open({ streamtype: 'stdout' });
  const stderr = tty ? undefined : connection.open({ streamtype: 'stderr' });
  const sizes = tty ? connection.open({ streamtype: 'resize' }) : undefined;
  // the connection may end at any time; `exit` tells about it, an unheard error would end our process
  for (const stream of [status, stdin, stdout, stderr, sizes]) stream?.on('error', () => {});
  closeOnAbort(connection, options.signal);

  const resize = ({ columns, rows }: TerminalSize) => {
    if (sizes?.writable) sizes.write(JSON.stringify({ Width: columns, Height: rows }));
  };
  if (options.size) resize(options.size);

  const exit = readExitCode(status, connection, `the command in pod ${name}`);
  exit.catch(() => {});
  return {
    stdin,
    stdout: endedByExit(stdout, exit),
    stderr: stderr && endedByExit(stderr, exit),
    resize,
    exit,
    close: () => connection.close(),
  };
}

/**
 * Output as its reader wants it: it ends cleanly once the exit code is known, and fails if the connection broke
 * before, so that cut output is never taken for whole.
 */
function endedByExit(source: Readable, exit: Promise<number>): Readable {
  const output = new PassThrough();
  source.pipe(output);
  source.once('error', () => {
    exit.then(
      () => output.end(),
      (error: unknown) => output.destroy(error instanceof Error ? error : new Error(errorText(error))),
    );
  });
  output.once('close', () => source.destroy());
  output.on('error', () => {});
  return output;
}

async function readExitCode(status: Readable, connection: SpdyConnection, what: string): Promise<number> {
  let text = '';
  try {
    for await (const chunk of status as AsyncIterable<Buffer>) text += chunk.toString();
  } catch (error) {
    if (text === '') throw new UserError('KUBE_STREAM', `The connection to ${what} broke: ${errorText(error)}`);
  }
  const answer = parseStatus(text);
  if (!answer) {
    connection.close();
    throw new UserError('KUBE_STREAM', `The connection to ${what} ended without an exit code: ${text || 'no status'}`);
  }
  return exitCodeOf(answer, what);
}

/** `NonZeroExitCode` with the code as text in a cause; everything else that is no success never ran. */
function exitCodeOf(status: Status, what: string): number {
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(code)) return code;
  throw new UserError('KUBE_STREAM', `Could not run ${what}: ${status.message ?? 'the server gave no reason'}`);
}
