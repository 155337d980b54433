import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { abortReason } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import type { ExecSession, KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import {
  deleteFilesScript,
  deleteFoldersScript,
  downloadScript,
  exitCodes,
  listingScript,
  rootLine,
  uploadScript,
} from './container-scripts.ts';
import { type Excludes, prunableNames } from './excludes.ts';
import { parseListing } from './listing.ts';
import type { Tree } from './tree.ts';

/** The folder in the container. Every method rejects with `KUBE_STREAM` when the link to the container is lost. */
export interface ContainerSide {
  /** Absolute, as the container resolved it. */
  readonly root: string;
  /** The tree of now; the same object as before if nothing changed. */
  list(): Promise<ContainerListing>;
  /** Places the files of a tar archive; returns what they are in the container now. */
  upload(archive: Readable): Promise<Tree>;
  /**
   * Deletes what the listing `seen` knows, in the given order, children first. What changed since then stays, and so do
   * folders that are not empty.
   */
  delete(paths: readonly string[], seen: Tree): Promise<void>;
  /** The files as a tar archive. `receive` must read it to its end. */
  download(paths: readonly string[], receive: (archive: Readable) => Promise<void>): Promise<void>;
  close(): void;
}

export interface ContainerListing {
  readonly tree: Tree;
  /** Something could not be read, so what is missing is not necessarily gone. */
  readonly partial: boolean;
}

export interface ContainerSideOptions {
  readonly kube: KubeClient;
  readonly container: ContainerRef;
  readonly path: string;
  readonly excludePaths: readonly string[];
  readonly isExcluded: Excludes;
  readonly signal: AbortSignal;
}

/** Starts the lister, which stays for the whole session; transfers have short streams of their own. */
export async function openContainerSide(options: ContainerSideOptions): Promise<ContainerSide> {
  const { kube, container, signal } = options;
  const start = (script: string, args: readonly string[]): Promise<ExecSession> =>
    kube.exec(container, { command: ['sh', '-c', script, 'sh', ...args], terminal: 'none', stdin: 'open', signal });

  const lister = await start(listingScript, [options.path, ...prunableNames(options.excludePaths)]);
  const words = collectText(lister.stderr);
  const lines = lister.stdout.iterator({ destroyOnReturn: false });
  const decoder = new StringDecoder('utf8');
  let text = '';
  const readUntil = async (isWhole: (text: string) => boolean): Promise<string> => {
    while (!isWhole(text)) {
      const next = await lines.next().catch((error: unknown) => {
        throw signal.aborted ? abortReason(signal) : error;
      });
      if (next.done === true) throw await scriptError(lister, words, options);
      text += decoder.write(next.value as Buffer);
    }
    const whole = text;
    text = '';
    return whole;
  };
  const root = (await readUntil((got) => got.includes('\n'))).slice(rootLine.length).trimEnd();

  let known: ContainerListing = { tree: new Map(), partial: false };
  let requests = 0;
  const run = async (
    script: string,
    input: Readable,
    receive?: (output: Readable) => Promise<void>,
  ): Promise<Buffer> => {
    const session = await start(script, [root]);
    const stderr = collectText(session.stderr);
    const sending = session.stdin ? pipeline(input, session.stdin) : Promise.resolve();
    sending.catch(() => session.close());
    const output = receive ? receive(session.stdout).then(() => Buffer.alloc(0)) : buffer(session.stdout);
    const [result] = await Promise.all([output, sending, requireSuccess(session, stderr, options)]).finally(() =>
      session.close(),
    );
    return result;
  };

  return {
    root,
    async list() {
      const request = `request-${Date.now()}-${(requests += 1)}`;
      lister.stdin?.write(`${request}\n`);
      const end = `\n${request}\n`;
      const answer = (await readUntil((got) => got.endsWith(end))).slice(0, -end.length);
      if (answer === 'SAME') return known;
      const tree = parseListing(answer.slice('LIST\n'.length), options.isExcluded);
      known = { tree, partial: answer.startsWith('PART') };
      return known;
    },
    async upload(archive) {
      return parseListing((await run(uploadScript, archive)).toString(), () => false);
    },
    async delete(paths, seen) {
      const isFolder = (path: string) => seen.get(path)?.type === 'directory';
      const folders = paths.filter(isFolder);
      const lines = paths
        .filter((path) => !isFolder(path))
        .map((path) => `${seen.get(path)?.fingerprint ?? 'unknown'} ./${path}\0`);
      if (lines.length > 0) await run(deleteFilesScript, Readable.from([Buffer.from(lines.join(''))]));
      if (folders.length > 0) await run(deleteFoldersScript, Readable.from([zeroEnded(folders)]));
    },
    async download(paths, receive) {
      await run(downloadScript, Readable.from([zeroEnded(paths)]), receive);
    },
    close: () => lister.close(),
  };
}

const zeroEnded = (paths: readonly string[]): Buffer => Buffer.from(paths.map((path) => `./${path}\0`).join(''));

function collectText(stream: Readable | undefined): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    if (text.length < 4096) text += chunk.toString();
  });
  return () => text.trim();
}

async function requireSuccess(session: ExecSession, words: () => string, options: ContainerSideOptions): Promise<void> {
  if ((await session.exit) !== 0) throw await scriptError(session, words, options);
}

async function scriptError(
  session: ExecSession,
  words: () => string,
  { container, path }: ContainerSideOptions,
): Promise<UserError> {
  const code = await session.exit;
  const where = `container ${container.container} of pod ${container.pod}`;
  if (code === exitCodes.noRoot) return new UserError('SYNC_PATH', `${path} cannot be used in ${where}: ${words()}`);
  if (code === exitCodes.rootGone)
    return new UserError('SYNC_PATH', `${path} is gone from ${where}; nothing was deleted here.`);
  if (code === exitCodes.noTool) return new UserError('SYNC_TOOLS', `${where} lacks the program ${words()}.`);
  if (code === 126 || code === 127) return new UserError('SYNC_TOOLS', `${where} has no shell: ${words()}`);
  return new UserError(
    'SYNC_FAILED',
    `A step of the synchronisation in ${where} failed (exit code ${code}): ${words()}`,
  );
}
