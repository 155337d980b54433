import { abortReason } from '../core/abort.ts';
import { errorText, UserError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import type { ExecSession, KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { createFrameReader, encodeFrame, type Frame, type FrameKind } from './frames.ts';
import { bootstrap, isListenerTool, listeners, noToolCode, toolLine } from './listener-script.ts';
import { aliveMs } from './listener-silence.ts';

/** A program in the container that listens there and carries what comes over one stream. */
export interface Listener {
  /** Sends a frame; `full` says that the stream takes no more for now, until `onRoom`. */
  send(kind: FrameKind, id: number, data?: Buffer): 'sent' | 'full';
  /**
   * Rejects when the program has ended, for whatever reason: `REVERSE_TOOLS` if the container has none that could listen,
   * `KUBE_STREAM` if the stream was lost, the reason of the signal.
   */
  readonly ended: Promise<never>;
  close(): void;
}

export interface ListenerOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  readonly signal: AbortSignal;
  /** Frames may be sent from here on. */
  onOpen(): void;
  onFrame(frame: Frame): void;
  onRoom(): void;
}

/** Starts the listener in the container. It ends when its stdin does, or when it has not heard of us for a while. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { kube, container, signal } = options;
  const command = ['sh', '-c', bootstrap, 'sh'];
  const session = await kube.exec(container, { command, terminal: 'none', stdin: 'open', signal });
  const words = lastWords(session.stderr, 1024);
  const send = (kind: FrameKind, id: number, data?: Buffer) =>
    session.stdin?.write(encodeFrame(kind, id, data)) === false ? 'full' : 'sent';
  const alive = setInterval(() => send('P', 0), aliveMs);
  const close = () => {
    clearInterval(alive);
    session.stdin?.end();
    session.close();
  };
  session.stdin?.on('error', () => {});
  session.stdin?.on('drain', options.onRoom);
  const read = readOutput(session, options);
  const exit = session.exit.then(
    (code) => {
      throw listenerError(code, words(), container);
    },
    (error: unknown) => {
      throw signal.aborted ? abortReason(signal) : error;
    },
  );
  const ended = Promise.race([read, exit]).finally(close);
  ended.catch(() => {});
  return { send, ended, close };
}

/** Never resolves; rejects for what cannot be understood. */
function readOutput({ stdout, stdin }: ExecSession, { onOpen, onFrame }: ListenerOptions): Promise<never> {
  const frames = createFrameReader();
  let head: Buffer | undefined = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    if (!head) return frames(chunk).forEach(onFrame);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(10);
    if (end < 0) return;
    const tool = head.toString('utf8', toolLine.length, end).trim();
    if (!isListenerTool(tool)) throw new Error('the shell of the container answered what nobody asked for');
    const rest = head.subarray(end + 1);
    head = undefined;
    const script = Buffer.from(listeners[tool]);
    stdin?.write(Buffer.concat([Buffer.from(`${script.length}\n`), script]));
    onOpen();
    if (rest.length > 0) take(rest);
  };
  return new Promise((_, reject) => {
    stdout.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        reject(new UserError('KUBE_STREAM', errorText(error), { cause: error }));
      }
    });
  });
}

function listenerError(code: number, words: string, { container, pod }: ContainerRef): UserError {
  const where = `Container ${container} of pod ${pod}`;
  if (code === noToolCode) {
    const names = Object.keys(listeners).join(', ');
    return new UserError('REVERSE_TOOLS', `${where} has none of the programs ${names}, so nothing can listen there.`);
  }
  if (code === 126 || code === 127)
    return new UserError('REVERSE_TOOLS', `${where} has no shell, so nothing can listen there: ${words}`);
  const why = words.split('\n').at(-1) || `exit code ${code}`;
  return new UserError('KUBE_STREAM', `The listener in container ${container} of pod ${pod} ended: ${why}.`);
}
