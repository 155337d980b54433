import { randomBytes } from 'node:crypto';
import { abortReason } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { UserError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import { captureCommand } from '../kube/captured-command.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { agentScript, bootstrap, endLine, exitCodes, helloLine } from './agent-script.ts';
import { watchSilence } from './silence.ts';

/** The largest payload of one request: what `dd` reads in one block. Larger things have streams of their own. */
export const maxPayload = 1024 * 1024;

/** What the agent found out about its container. */
export interface AgentHello {
  /** Equal for the same container with the same root, so that what was known of it still holds. */
  readonly identity: string;
  /** Folder for staging, absolute; absent where nothing can be written. */
  readonly stage: string | undefined;
  /** How it can be told of changes. */
  readonly notify: 'inotifywait' | 'poll';
  /** The root, absolute and without links. */
  readonly root: string;
}

export interface Answer {
  /** 0 if the request succeeded. */
  readonly code: number;
  readonly bytes: Buffer;
  readonly text: string;
}

/** A shell program in the container that does one request after the other. */
export interface Agent extends AgentHello {
  /**
   * Runs a piece of shell in the root; `take` reads the payload there. Requests may be made before earlier ones are
   * answered. Rejects with `KUBE_STREAM` when the link is lost, with `SYNC_PATH` or `SYNC_HALTED` when the root is gone.
   */
  request(script: string, payload?: Buffer): Promise<Answer>;
  close(): void;
}

export interface AgentOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  /** The root as configured; `.` is the working directory of the container. */
  readonly path: string;
  /** Names of folders that are not entered. */
  readonly prune: readonly string[];
  /** `top`: what is in folders is not looked at. */
  readonly depth?: 'all' | 'top' | undefined;
  readonly signal: AbortSignal;
}

/** An answer is a listing at most: 2 million files. A container that sends more than that sends without end. */
const maxAnswer = 256 * 1024 * 1024;
/** The agent ends when nobody has spoken to it for two minutes. */
const aliveMs = 45_000;
/** An answer that takes longer is doubted; a listing of very many files may. */
const silentForMs = 12_000;

/**
 * Whether the agent waits for us, or is gone: it starts programs for whatever it is told, so then it has no child that runs.
 * Prints nothing while it is at work.
 */
const waitsScript = `[ -d "/proc/$1" ] || { echo gone; exit; }
for status in /proc/[0-9]*/status; do
  state=
  while read -r key value rest; do
    case $key in State:) state=$value ;; PPid:) [ "$value" != "$1" ] || [ "$state" = Z ] || exit 0 ;; esac
  done <"$status"
done 2>/dev/null
echo waits`;

interface Pending {
  /** Begins the line that ends the answer. */
  readonly mark: Buffer;
  readonly chunks: Buffer[];
  bytes: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export async function openAgent(options: AgentOptions): Promise<Agent> {
  const { kube, container, signal } = options;
  const name = randomBytes(6).toString('hex');
  const depth = options.depth === 'top' ? '-maxdepth 1' : '';
  const command = ['sh', '-c', bootstrap, 'sh', options.path, name, depth, ...options.prune];
  const session = await kube.exec(container, { command, terminal: 'none', stdin: 'open', signal });
  const words = lastWords(session.stderr, 4096);
  const waiting: Pending[] = [];
  const hello = defer<string>();
  let head: Buffer | undefined = Buffer.alloc(0);
  let sequence = 0;
  let failure: Error | undefined;
  let pid = '';

  const fail = (error: Error) => {
    failure ??= error;
    hello.reject(failure);
    for (const pending of waiting.splice(0)) pending.reject(failure);
  };
  const silence = watchSilence({
    silentForMs,
    isWaiting: () => waiting.length > 0,
    isDead: async () => {
      const command = ['sh', '-c', waitsScript, 'sh', pid];
      const limited = AbortSignal.any([signal, AbortSignal.timeout(silentForMs)]);
      return (await captureCommand(kube, container, { command, signal: limited })).output !== '';
    },
    onDead() {
      fail(new UserError('KUBE_STREAM', `The agent in ${whereOf(options)} does not answer any more.`));
      session.close();
    },
  });
  const onChunk = (chunk: Buffer) => {
    silence.heard();
    if (head) {
      head = Buffer.concat([head, chunk]);
      const lines = head.toString('utf8').split('\n');
      if (lines.length < 4) return;
      const rest = head.subarray(Buffer.byteLength(lines.slice(0, 3).join('\n')) + 1);
      head = undefined;
      hello.resolve(lines.slice(0, 3).join('\n'));
      if (rest.length > 0) onChunk(rest);
      return;
    }
    const [pending] = waiting;
    if (!pending) return;
    const rest = addChunk(pending, chunk);
    if (rest === undefined) return;
    waiting.shift();
    if (rest.length > 0) onChunk(rest);
  };
  session.stdout.on('data', (chunk: Buffer) => {
    try {
      onChunk(chunk);
    } catch (error) {
      fail(error as Error);
      session.close();
    }
  });
  session.stdout.on('error', () => {});
  session.stdin?.on('error', () => {});
  session.exit.then(
    (code) => fail(signal.aborted ? abortReason(signal) : agentError(code, words(), options)),
    (error: unknown) => fail(signal.aborted ? abortReason(signal) : (error as Error)),
  );

  const script = Buffer.from(agentScript);
  session.stdin?.write(Buffer.concat([Buffer.from(`${script.length}\n`), script]));
  const [first = '', stage = '', root = ''] = (await hello.promise).split('\n');
  const [identity = '', notify, ownPid = ''] = first.slice(helloLine.length).split(' ');
  pid = ownPid;
  const request = (text: string, payload: Buffer = Buffer.alloc(0)): Promise<Answer> => {
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      const code = Buffer.from(text);
      sequence += 1;
      if (waiting.length === 0) silence.heard();
      const mark = Buffer.from(`${endLine(name)}${sequence} `);
      waiting.push({ mark, chunks: [], bytes: 0, resolve, reject });
      session.stdin?.write(Buffer.concat([Buffer.from(`${sequence} ${code.length}\n`), code, payload]));
    });
  };
  const alive = setInterval(() => void request('alive').catch(() => {}), aliveMs);
  const stop = () => {
    clearInterval(alive);
    silence.stop();
  };
  session.exit.then(stop, stop);
  return {
    identity,
    stage: stage === '' ? undefined : stage,
    notify: notify === 'inotifywait' ? notify : 'poll',
    root,
    request,
    close() {
      stop();
      session.stdin?.end();
      session.close();
      fail(new UserError('KUBE_STREAM', 'The agent was closed.'));
    },
  };
}

/** Adds to the answer; once its end has come, settles it and returns what follows. */
function addChunk(pending: Pending, chunk: Buffer): Buffer | undefined {
  const overlap = 64;
  const tail = Buffer.concat(pending.chunks.slice(-1)).subarray(-overlap);
  const joined = tail.length > 0 ? Buffer.concat([tail, chunk]) : chunk;
  const end = findEnd(joined, pending.mark, tail.length === pending.bytes);
  pending.chunks.push(chunk);
  pending.bytes += chunk.length;
  if (pending.bytes > maxAnswer) {
    throw new UserError('SYNC_ANSWER', 'The container sends a listing without end; nothing was changed.');
  }
  // a small chunk would make the next overlap too short
  if (chunk.length < overlap && pending.chunks.length > 1)
    pending.chunks.push(Buffer.concat(pending.chunks.splice(-2)));
  if (!end) return undefined;
  const bytes = Buffer.concat(pending.chunks).subarray(0, pending.bytes - (joined.length - end.start));
  pending.resolve(answerOf(end.code, bytes));
  return joined.subarray(end.after);
}

const answerOf = (code: number, bytes: Buffer): Answer => ({
  code,
  bytes,
  get text() {
    return bytes.toString('utf8');
  },
});

/** `isWhole`: the text begins where the answer begins. */
function findEnd(joined: Buffer, mark: Buffer, isWhole: boolean) {
  for (let start = joined.indexOf(mark); start >= 0; start = joined.indexOf(mark, start + 1)) {
    const isLineStart = start === 0 ? isWhole : joined[start - 1] === 10;
    const lineEnd = joined.indexOf(10, start);
    if (!isLineStart || lineEnd < 0) continue;
    const code = Number(joined.toString('latin1', start + mark.length, lineEnd));
    return { start, after: lineEnd + 1, code };
  }
  return undefined;
}

const whereOf = ({ container }: AgentOptions): string => `container ${container.container} of pod ${container.pod}`;

function agentError(code: number, words: string, options: AgentOptions): UserError {
  const [where, { path }] = [whereOf(options), options];
  if (code === exitCodes.noRoot) return new UserError('SYNC_PATH', `${path} cannot be used in ${where}: ${words}`);
  if (code === exitCodes.rootRefused)
    return new UserError('SYNC_PATH', `The root of the file system of ${where} cannot be synchronised as a whole.`);
  if (code === exitCodes.rootGone)
    return new UserError('SYNC_HALTED', `${path} is gone from ${where}; nothing was deleted here.`);
  if (code === exitCodes.rootReplaced)
    return new UserError(
      'SYNC_HALTED',
      `${path} in ${where} was replaced by another folder; nothing was deleted here.`,
    );
  if (code === exitCodes.noTool) return new UserError('SYNC_TOOLS', `${where} lacks the program ${words}.`);
  if (code === 126 || code === 127)
    return new UserError('SYNC_TOOLS', `${where} has no shell${words.trim() === '' ? '' : `: ${words.trim()}`}.`);
  return new UserError('SYNC_FAILED', `The synchronisation in ${where} ended (exit code ${code}): ${words}`);
}
