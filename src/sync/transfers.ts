import path from 'node:path';
import { Readable } from 'node:stream';
import type { SyncConfig } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import { noteFolders } from './container-eyes.ts';
import type { ContainerSide } from './container-side.ts';
import { isWholeSecond } from './listing.ts';
import { deleteLocal, type PlaceOptions, placeFolder, placeLocal } from './local-side.ts';
import type { SyncMemory } from './memory.ts';
import { emptyPacked, type Packed, packLocal } from './pack-local.ts';
import type { Placing } from './place-script.ts';
import type { Progress } from './progress.ts';
import type { SyncView } from './sync-view.ts';
import { throttle } from './throttle.ts';
import { folderOf, isWithin, type Sighting, type TreeEntry } from './tree.ts';

export interface TransferContext {
  readonly side: ContainerSide;
  readonly view: SyncView;
  readonly memory: SyncMemory;
  readonly config: SyncConfig;
  readonly progress: Progress;
  /** What the container has made of the modes of files that were sent there. */
  readonly modes: Map<number, number>;
  /** The path stays as it is until it changes again; the reason is for the user. */
  problem(name: string, reason: string): void;
  /** The path changed while it was read, for the n-th time. */
  torn(name: string): number;
  readonly signal: AbortSignal;
}

/** Up to here an archive is made in memory and goes through the agent's own stream, which is there already. */
const smallBytes = 768 * 1024;
export const smallCount = 300;
/** So often a file that changes while it is read is tried again before it is taken as it is. */
const patience = 2;

/**
 * Whether the paths are few and small enough for the agent's own stream. A file in the container may have grown since it
 * was seen, so less is small there.
 */
export function isSmall(
  names: readonly string[],
  direction: 'upload' | 'download',
  { view, config }: TransferContext,
): boolean {
  if (names.length > smallCount || config.bandwidthLimits[direction] !== undefined) return false;
  const [tree, most] = direction === 'upload' ? [view.local, smallBytes] : [view.container, smallBytes / 2];
  let bytes = 0;
  for (const name of names) bytes += 1024 + Buffer.byteLength(name) + (tree.get(name)?.size ?? 0);
  return bytes <= most;
}

/**
 * Carries paths to the container: what is there must be what was seen when that was decided, else the path is left for
 * the next decision. Returns the paths that are in their place.
 */
export async function upload(names: readonly string[], seen: Sighting, context: TransferContext): Promise<string[]> {
  const { side, view, config, progress, signal } = context;
  if (!side.canWrite) {
    throw new UserError('SYNC_PATH', `Nothing can be written into ${side.root} of the container.`, {
      hint: 'Use a folder that the user of the container may write to, or set `disableUpload: true`.',
    });
  }
  const packed = emptyPacked();
  const pieces = packLocal(config.localPath, names, { packed, progress: progress.part('Uploading', names.length) });
  const archive = isSmall(names, 'upload', context)
    ? await collect(pieces)
    : Readable.from(throttle(pieces, config.bandwidthLimits.upload, signal));
  try {
    const stage = await side.upload(archive);
    // a file that never settles, such as a log, is better late than never
    for (const name of packed.torn) if (context.torn(name) > patience) packed.torn.delete(name);
    const placings = placingsOf(packed, seen);
    const covered = placings.map(({ name }) => name);
    view.touch(covered);
    const { entries, kept } = await side.place(stage, placings);
    view.noteOwnContainer(covered, entries);
    return settleUpload(packed, { placings, kept }, context);
  } finally {
    progress.end();
  }
}

async function collect(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of pieces) parts.push(part);
  return Buffer.concat(parts);
}

/** A torn file would be a version that nobody wrote; it comes again when it has settled. */
function placingsOf({ entries, torn }: Packed, { container }: Sighting): Placing[] {
  return [...entries]
    .filter(([name]) => !torn.has(name))
    .filter(([name, { type }]) => !(type === 'directory' && container.get(name)?.type === 'directory'))
    .map(([name, { type }]) => ({ name, type, before: container.get(name) }));
}

interface Settled {
  readonly placings: readonly Placing[];
  readonly kept: ReadonlySet<string>;
}

function settleUpload(packed: Packed, { placings, kept }: Settled, context: TransferContext): string[] {
  const { view, memory } = context;
  const before = new Map(placings.map((placing) => [placing.name, placing.before]));
  for (const [name, reason] of packed.unreadable) context.problem(name, `cannot be read here (${reason})`);
  const placed: string[] = [];
  for (const [name, sent] of packed.entries) {
    if (packed.torn.has(name)) continue;
    const now = view.container.get(name);
    if (!isWithin(name, kept)) {
      // somebody who wrote or deleted there in the very moment is seen by what differs
      const isOurs = now?.type === sent.type && (sent.type !== 'file' || isCopy(sent, now, context.modes));
      memory.agreed.set(name, { local: sent.fingerprint, container: isOurs ? now.fingerprint : 'edited there' });
      if (!isOurs) view.dirty.add(name);
      placed.push(name);
    } else if (now?.fingerprint === before.get(name)?.fingerprint) {
      context.problem(name, 'could not be placed in the container');
    } else view.dirty.add(name);
  }
  return placed;
}

/** Who edited the copy in the very moment gave it a time with a fraction; an archive knows whole seconds. */
const isCopy = (sent: TreeEntry, now: TreeEntry, modes: Map<number, number>): boolean =>
  sent.size === now.size &&
  Math.max(0, sent.mtime) === now.mtime &&
  isWholeSecond(now.fingerprint) &&
  hasModeOf(sent, now, modes);

/** A container may make another mode of it, but always the same: by its `umask`, or a volume that has no modes. */
function hasModeOf(sent: TreeEntry, now: TreeEntry, modes: Map<number, number>): boolean {
  const usual = modes.get(sent.mode);
  if (usual === undefined || sent.mode === now.mode) modes.set(sent.mode, now.mode);
  return usual === undefined || sent.mode === now.mode || usual === now.mode;
}

/** Carries paths from the container. Returns the paths that are in their place. */
export async function download(names: readonly string[], seen: Sighting, context: TransferContext): Promise<string[]> {
  const { side, view, memory, config, progress, signal } = context;
  // what is agreed on is what was asked for: a later version in the container is another download
  const asked = seen.container;
  const done = new Set<string>();
  const placed: string[] = [];
  const tell = progress.part('Downloading', names.length);
  const options: PlaceOptions = {
    root: config.localPath,
    seen: (name) => seen.local.get(name),
    progress: tell,
    placed(name, entry) {
      done.add(name);
      view.noteOwnLocal(name, entry);
      const container = asked.get(name);
      if (!container || !entry) return;
      memory.agreed.set(name, { local: entry.fingerprint, container: container.fingerprint });
      placed.push(name);
    },
    edited(name, now) {
      done.add(name);
      view.noteLocal(name, now);
    },
    problem(name, reason) {
      done.add(name);
      context.problem(name, reason);
    },
    signal,
  };
  const isFolder = (name: string) => asked.get(name)?.type === 'directory';
  for (const name of names.filter(isFolder)) placeFolder(name, options);
  const files = names.filter((name) => !isFolder(name));
  try {
    if (files.length > 0) {
      await side.download(files, isSmall(files, 'download', context), (archive) =>
        placeLocal(
          config.bandwidthLimits.download === undefined
            ? archive
            : Readable.from(throttle(archive, config.bandwidthLimits.download, signal)),
          { ...options, ...onlyAsked(new Set(names), options) },
        ),
      );
    }
  } finally {
    progress.end();
  }
  await lookAgain(
    names.filter((name) => !done.has(name)),
    asked,
    context,
  );
  return placed;
}

/** A hostile container may send what nobody asked for. */
function onlyAsked(
  asked: ReadonlySet<string>,
  { seen, edited, problem }: PlaceOptions,
): Pick<PlaceOptions, 'seen' | 'edited'> {
  const never: TreeEntry = { type: 'file', size: 0, mtime: 0, mode: 0, fingerprint: 'not asked for' };
  return {
    seen: (name) => (asked.has(name) ? seen(name) : never),
    edited: (name, now) => (asked.has(name) ? edited(name, now) : problem(name, 'was sent by the container unasked')),
  };
}

/** What did not come is mostly gone again, as temporary files are; what is still there as it was cannot be read. */
async function lookAgain(
  missed: readonly string[],
  asked: ReadonlyMap<string, TreeEntry>,
  { side, view, problem }: TransferContext,
): Promise<void> {
  if (missed.length === 0) return;
  await noteFolders([...new Set(missed.map(folderOf))], { side, view });
  for (const name of missed) {
    if (view.container.get(name)?.fingerprint !== asked.get(name)?.fingerprint) view.dirty.add(name);
    else problem(name, 'cannot be read in the container');
  }
}

/** Deletes in the container what was deleted here. Returns what is gone. */
export async function deleteThere(
  names: readonly string[],
  { container }: Sighting,
  { side, view, memory }: TransferContext,
): Promise<string[]> {
  view.touch(names);
  const entries = await side.delete(names, (name) => container.get(name));
  view.noteOwnContainer(names, entries);
  return names.filter((name) => {
    return settleDelete(name, { was: container.get(name)?.type, is: view.container.get(name)?.type }, { view, memory });
  });
}

/** Deletes here what was deleted in the container. Returns what is gone. */
export function deleteHere(
  names: readonly string[],
  { local }: Sighting,
  { config, view, memory }: TransferContext,
): string[] {
  const kept = new Set(deleteLocal(config.localPath, names, (name) => local.get(name)));
  for (const name of names) if (!kept.has(name)) view.noteOwnLocal(name, undefined);
  return names.filter((name) => {
    const was = local.get(name)?.type;
    return settleDelete(name, { was, is: kept.has(name) ? was : undefined }, { view, memory });
  });
}

/**
 * A file that is still there was edited, or is a folder now, or was a folder: it goes to the other side again. A folder
 * stays because of what is in it, which is excluded, or new and then brings its folder with it.
 */
function settleDelete(
  name: string,
  { was, is }: { readonly was: TreeEntry['type'] | undefined; readonly is: TreeEntry['type'] | undefined },
  { view, memory }: Pick<TransferContext, 'view' | 'memory'>,
): boolean {
  memory.agreed.delete(name);
  if (is !== undefined && !(was === 'directory' && is === 'directory')) view.dirty.add(name);
  return is === undefined;
}

/** Saves the container's version of these paths below a folder of ours. Returns the paths that could be saved. */
export async function saveContainerVersions(
  names: readonly string[],
  folder: string,
  context: TransferContext,
): Promise<string[]> {
  const { side, signal } = context;
  const saved: string[] = [];
  await side.download(names, isSmall(names, 'download', context), (archive) =>
    placeLocal(archive, {
      root: path.resolve(folder),
      seen: () => undefined,
      edited: () => {},
      placed: (name) => saved.push(name),
      problem: () => {},
      signal,
    }),
  );
  return saved;
}
