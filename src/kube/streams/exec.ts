import { PassThrough, type Readable } from 'node:stream';
import { errorText, UserError } from '../../core/errors.ts';
import type { AttachOptions, ExecOptions, ExecSession, TerminalSize } from '../client.ts';
import type { Status } from '../errors.ts';
import { isNotRunning, parseStatus } from '../errors.ts';
import type { ContainerRef } from '../objects.ts';
import { closeOnAbort } from './close-on-abort.ts';
import type { Negotiation } from './negotiation.ts';
import {
  type ChannelChoice,
  channelsOverSpdy,
  channelsOverWebSocket,
  type ProcessChannels,
} from './process-channels.ts';

/** See `KubeClient.exec`. */
export function openExec(
  negotiation: Negotiation,
  container: ContainerRef,
  options: ExecOptions,
): Promise<ExecSession> {
  const what = `the command in pod ${nameOf(container)}`;
  const attempt = `run a command in pod ${nameOf(container)}`;
  return openSession(negotiation, container, { ...options, subresource: 'exec', what, attempt });
}

/** See `KubeClient.attach`. */
export function openAttach(
  negotiation: Negotiation,
  container: ContainerRef,
  options: AttachOptions,
): Promise<ExecSession> {
  const what = `the process of pod ${nameOf(container)}`;
  const attempt = `attach to pod ${nameOf(container)}`;
  return openSession(negotiation, container, { ...options, command: [], subresource: 'attach', what, attempt });
}

interface SessionOptions extends ExecOptions {
  readonly subresource: 'exec' | 'attach';
  readonly what: string;
  readonly attempt: string;
}

const nameOf = ({ namespace, pod, container }: ContainerRef): string => `${namespace}/${pod}, container ${container}`;

async function openSession(
  negotiation: Negotiation,
  container: ContainerRef,
  options: SessionOptions,
): Promise<ExecSession> {
  const channels = await openChannels(negotiation, container, options);
  const { status, stdin, stdout, stderr, sizes } = channels;
  // the connection may end at any time; `exit` tells about it, an unheard error would end our process
  for (const stream of [status, stdin, stdout, stderr, sizes]) stream?.on('error', () => {});
  closeOnAbort(channels, options.signal);

  const resize = ({ columns, rows }: TerminalSize) => {
    if (sizes?.writable) sizes.write(JSON.stringify({ Width: columns, Height: rows }));
  };
  if (options.size) resize(options.size);

  const exit = readExitCode(status, channels, options.what);
  exit.catch(() => {});
  return {
    stdin,
    stdout: endedByExit(stdout, exit),
    stderr: stderr && endedByExit(stderr, exit),
    resize,
    exit,
    close: () => channels.close(),
  };
}

async function openChannels(
  { open, rest }: Negotiation,
  { namespace, pod, container }: ContainerRef,
  { subresource, command, terminal, stdin, attempt, signal }: SessionOptions,
): Promise<ProcessChannels> {
  const choice: ChannelChoice = { subresource, terminal, stdin };
  const { upgraded, transport } = await open({
    subresource,
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/${subresource}`,
    query: [
      ...command.map((word) => ['command', word] as const),
      ['container', container],
      ['stdin', String(stdin === 'open')],
      ['stdout', 'true'],
      ['stderr', String(terminal === 'none')],
      ['tty', String(terminal === 'tty')],
    ],
    endsStdin: stdin === 'open' && terminal === 'none',
    attempt,
    signal,
  });
  return transport === 'spdy'
    ? channelsOverSpdy(upgraded, choice, rest)
    : channelsOverWebSocket(upgraded, choice, rest);
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

async function readExitCode(status: Readable, channels: ProcessChannels, what: string): Promise<number> {
  let text = '';
  try {
    for await (const chunk of status as AsyncIterable<Buffer>) text += chunk.toString();
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (text === '') throw new UserError('KUBE_STREAM', `The connection to ${what} broke: ${errorText(error)}`);
  }
  const answer = parseStatus(text);
  if (!answer) {
    channels.close();
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
  const words = status.message ?? 'the server gave no reason';
  throw new UserError(isNotRunning(words) ? 'CONTAINER_NOT_RUNNING' : 'KUBE_STREAM', `Could not run ${what}: ${words}`);
}
