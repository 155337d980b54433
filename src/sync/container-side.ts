import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../core/errors.ts';
import { lastWords } from '../core/last-words.ts';
import type { ExecSession } from '../kube/client.ts';
import { type Agent, type AgentHello, type AgentOptions, maxPayload, openAgent } from './agent.ts';
import { type ListedEntry, parseListing } from './listing.ts';
import { clearScript, deleteScripts, type Placing, placeScripts } from './place-script.ts';
import { quote, quotePaths } from './quote.ts';
import type { TreeEntry } from './tree.ts';

/** What a look at the container found. */
export interface ContainerNews {
  readonly entries: readonly ListedEntry[];
  /** Folders whose content is in `entries` completely: what is not there is gone. `''` is the root. */
  readonly folders: readonly string[];
}

export interface ContainerListing {
  readonly entries: readonly ListedEntry[];
  /** Something could not be read, so what is missing is not necessarily gone. */
  readonly partial: boolean;
}

export interface PlaceResult {
  /** What is at these places now. */
  readonly entries: readonly ListedEntry[];
  /** Paths that were not moved, a folder stands for all below it. */
  readonly kept: ReadonlySet<string>;
}

/** The folder in the container. Every method rejects with `KUBE_STREAM` when the link to the container is lost. */
export interface ContainerSide extends Pick<AgentHello, 'identity' | 'root' | 'notify'> {
  readonly canWrite: boolean;
  /** Everything below the root; `undefined` if that is what `known` says: the digest of the sorted records. */
  list(known: string): Promise<ContainerListing | undefined>;
  /** The content of these folders. */
  listFolders(folders: readonly string[]): Promise<ContainerNews>;
  /** What changed since the call before the last one; may name what did not change. */
  changed(): Promise<ContainerNews>;
  /** Opens the stream of the next large upload, which takes as long as some thousand files do, before its archive is there. */
  prepareUpload(): void;
  /** Sends a tar archive to a new stage and returns the path of that. */
  upload(archive: Buffer | Readable): Promise<string>;
  /** Moves what was staged to its place, as far as that still is what is expected. The stage is gone then. */
  place(stage: string, placings: readonly Placing[]): Promise<PlaceResult>;
  /** Deletes paths, children first; returns what is still there. */
  delete(names: readonly string[], seen: (name: string) => TreeEntry | undefined): Promise<ListedEntry[]>;
  /**
   * The paths as a tar archive; `receive` must read to the end. `isSmall` promises that it fits into memory: then no
   * stream is opened for it.
   */
  download(names: readonly string[], isSmall: boolean, receive: (archive: Readable) => Promise<void>): Promise<void>;
  /** Tells the folders in which something happens, for as long as the promise is pending. */
  watch(onChange: (folder: string) => void): Promise<void>;
  close(): void;
}

/** Opens two agents: a look at a large tree must not hold up an edit. Large transfers have streams of their own. */
export async function openContainerSide(options: AgentOptions): Promise<ContainerSide> {
  const opened = await Promise.allSettled([openAgent(options), openAgent(options)]);
  const agents = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [looker, mover] = agents;
  if (looker && mover) return createSide(options, looker, mover);
  for (const agent of agents) agent.close();
  throw opened.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))[0];
}

/** What goes on while a program runs in the container; `ended` aborts when that has failed. */
type Flow = (session: ExecSession, ended: AbortSignal) => Promise<void>;

function createSide({ kube, container, signal }: AgentOptions, looker: Agent, mover: Agent): ContainerSide {
  const where = `container ${container.container} of pod ${container.pod}`;
  let looks = 0;
  let stages = 0;
  const start = (script: string, args: readonly string[]): Promise<ExecSession> =>
    kube.exec(container, { command: ['sh', '-c', script, 'sh', ...args], terminal: 'none', stdin: 'open', signal });
  const transfer = async (starting: Promise<ExecSession>, flow: Flow) => {
    const session = await starting;
    const words = lastWords(session.stderr, 2048);
    const ended = new AbortController();
    const flowing = flow(session, ended.signal);
    let failed: 'flow' | 'program' | undefined;
    // whichever fails first leaves the other one waiting
    flowing.catch(() => {
      failed ??= 'flow';
      session.close();
    });
    const stop = () => {
      failed ??= 'program';
      // a pipeline whose writable is only ended waits for its source for ever
      ended.abort();
      session.close();
    };
    session.exit.then((code) => code !== 0 && stop(), stop);
    const [exit, flowed] = await Promise.allSettled([session.exit, flowing]);
    session.close();
    if (exit.status === 'fulfilled' && exit.value !== 0) throw transferError(where, exit.value, words());
    for (const one of failed === 'program' ? [exit, flowed] : [flowed, exit])
      if (one.status === 'rejected') throw one.reason;
  };
  let prepared: ReturnType<typeof startUpload> | undefined;
  const startUpload = () => {
    stages += 1;
    const stage = `${mover.stage}/${stages}`;
    const starting = start('mkdir -p -- "$1" && tar -xof - -C "$1" && cat >/dev/null', [stage]);
    // who waits for it is told; nobody waits for one that is not needed
    starting.catch(() => {});
    return { stage, starting };
  };
  const moverAnswers = async (scripts: readonly string[]) => {
    const answers = await Promise.all(scripts.map((script) => mover.request(script)));
    return answers.flatMap(({ text }) => [...parseListing(text)]);
  };

  return {
    identity: looker.identity,
    root: looker.root,
    notify: looker.notify,
    canWrite: mover.stage !== undefined,
    async list(known) {
      const { text } = await looker.request(`all ${quote(known)}`);
      const end = text.indexOf('\n') + 1;
      const kind = text.slice(0, end).trimEnd();
      if (kind === 'SAME') return undefined;
      if (kind === 'LIST' || kind === 'PART')
        return { entries: [...parseListing(text.slice(end))], partial: kind === 'PART' };
      throw new UserError('SYNC_ANSWER', `The listing of ${where} cannot be read; nothing was changed.`);
    },
    async listFolders(folders) {
      return parseNews((await looker.request(`list ${folders.map(folderWord).join(' ')}`)).text);
    },
    async changed() {
      if (looker.stage === undefined) return { entries: [], folders: [] };
      looks += 1;
      return parseNews((await looker.request(`changed m${looks % 3} m${(looks + 1) % 3}`)).text);
    },
    prepareUpload() {
      prepared ??= startUpload();
    },
    async upload(archive) {
      if (Buffer.isBuffer(archive) && archive.length <= maxPayload) {
        stages += 1;
        const { code, text } = await mover.request(`unpack ${stages} ${archive.length} 2>&1`, archive);
        if (code !== 0) throw transferError(where, code, text);
        return `${mover.stage}/${stages}`;
      }
      const input = Buffer.isBuffer(archive) ? Readable.from([archive]) : archive;
      const { stage, starting } = prepared ?? startUpload();
      prepared = undefined;
      await transfer(starting, ({ stdin, stdout }, ended) => {
        stdout.resume();
        return stdin ? pipeline(input, stdin, { signal: ended }) : Promise.resolve();
      });
      return stage;
    },
    async place(stage, placings) {
      const scripts = [...placeScripts(stage, placings), clearScript(stage)];
      const answers = await Promise.all(scripts.map((script) => mover.request(script)));
      const results = answers.map(({ text }) => takeLines(text, 'kept'));
      return {
        entries: results.flatMap(({ records }) => [...parseListing(records)]),
        kept: new Set(results.flatMap(({ names }) => names)),
      };
    },
    delete: (names, seen) => {
      stages += 1;
      const stage = `${mover.stage}/${stages}`;
      return moverAnswers([...deleteScripts(stage, names, seen), clearScript(stage)]);
    },
    async download(names, isSmall, receive) {
      if (isSmall) {
        // the line end stands before the answer's own last line, and is no part of the archive
        const script = `root_is_there\ntar -cf - ${quotePaths(names)} 2>/dev/null; echo`;
        const { bytes } = await mover.request(script);
        return receive(Readable.from([bytes.subarray(0, -1)]));
      }
      // what vanished meanwhile or may not be read is left out; then `tar` fails and `xargs` ends with 123
      const script = 'cd -- "$1" && xargs -0 tar -cf -; code=$?; [ $code = 123 ] || exit $code';
      const list = Readable.from([Buffer.from(names.map((name) => `./${name}\0`).join(''))]);
      await transfer(start(script, [looker.root]), async ({ stdin, stdout }, ended) => {
        await Promise.all([stdin ? pipeline(list, stdin, { signal: ended }) : undefined, receive(stdout)]);
      });
    },
    watch: (onChange) =>
      transfer(start(watchScript, [looker.root]), async ({ stdout }) => {
        let text = '';
        for await (const chunk of stdout as AsyncIterable<Buffer>) {
          const lines = (text + chunk.toString('utf8')).split('\n');
          text = lines.pop() ?? '';
          if (lines.includes('//ended')) return;
          for (const line of new Set(lines)) onChange(line.replace(/^\.\/?/, '').replace(/\/$/, ''));
        }
      }),
    close() {
      prepared?.starting.then(
        (session) => session.close(),
        () => {},
      );
      looker.close();
      mover.close();
    },
  };
}

/** Ends with our end of its stdin: a process in a container outlives the stream that started it. */
const watchScript = `cd -- "$1" || exit 1
{ inotifywait -m -r -q -e modify,attrib,close_write,moved_to,moved_from,create,delete --format %w --exclude '/\\.devspace' .; echo //ended; } </dev/null &
while read -r x; do :; done
kill $! 2>/dev/null
exit 0`;

const folderWord = (folder: string): string => quote(folder === '' ? '.' : `./${folder}`);

/** Records, and lines `//folder ./name//` for folders that were listed completely. */
function parseNews(text: string): ContainerNews {
  const { records, names } = takeLines(text, 'folder');
  return { entries: [...parseListing(records)], folders: names };
}

/** Takes lines such as `//kept ./name//` out of records; no name has two slashes. */
function takeLines(text: string, word: 'folder' | 'kept'): { records: string; names: string[] } {
  const names: string[] = [];
  const line = new RegExp(`^//${word} \\.(?:/([^/](?:(?!//).)*))?//\\n`, 'gms');
  const records = text.replace(line, (_line, name: string | undefined) => {
    names.push(name ?? '');
    return '';
  });
  return { records, names };
}

function transferError(where: string, code: number, words: string): UserError {
  if (/no space left/i.test(words)) {
    return new UserError('SYNC_FAILED', `The disk of ${where} is full: ${words.trim()}`, {
      hint: 'Free some space there; synchronisation goes on by itself.',
    });
  }
  return new UserError('SYNC_FAILED', `A transfer of ${where} failed (exit code ${code}): ${words.trim()}`);
}
