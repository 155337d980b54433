import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ArchiveEntry, packEntries } from '../../archive/pack.ts';
import { type UnpackedFile, unpackEntries } from '../../archive/unpack.ts';
import type { HookAction } from '../../config/types.ts';
import type { Run } from '../tools.ts';
import type { HookPlace } from './in-container.ts';

type Copy = Extract<HookAction, { kind: 'upload' | 'download' }>;

/** Copies a file or what is in a folder, from here into the container or back. Links and special files are left out. */
export async function copyForHook(action: Copy, place: HookPlace, run: Run): Promise<void> {
  await (action.kind === 'upload' ? upload(action, place, run) : download(action, place, run));
}

async function upload({ localPath, containerPath }: Copy, { kube, ref }: HookPlace, run: Run): Promise<void> {
  const command = ['sh', '-c', 'mkdir -p "$1" && tar xf - -C "$1"', 'sh', containerPath];
  const session = await kube.exec(ref, { command, terminal: 'none', stdin: 'open', signal: run.signal });
  session.stdout.resume();
  const said = session.stderr && text(session.stderr);
  try {
    // a container without tar closes its end; its exit code says so
    const sent = session.stdin && pipeline(packEntries(entriesOf(localPath)), session.stdin).catch(() => {});
    const code = await session.exit;
    await sent;
    if (code !== 0)
      throw new Error(`${containerPath} cannot be written: ${(await said)?.trim() || `exit code ${code}`}`);
  } finally {
    session.close();
  }
}

async function download({ localPath, containerPath }: Copy, { kube, ref }: HookPlace, run: Run): Promise<void> {
  const script = 'if [ -d "$1" ]; then tar cf - -C "$1" .; else tar cf - -C "$(dirname "$1")" "$(basename "$1")"; fi';
  const command = ['sh', '-c', script, 'sh', containerPath];
  const session = await kube.exec(ref, { command, terminal: 'none', stdin: 'none', signal: run.signal });
  const said = session.stderr && text(session.stderr);
  try {
    const received = unpackEntries(session.stdout, {
      receive: (file) => place(file, localPath),
      refuse: ({ name, reason }) => run.log.warn(`${name} ${reason} and is not copied`),
      signal: run.signal,
    });
    received.catch(() => {});
    const code = await session.exit;
    if (code !== 0) throw new Error(`${containerPath} cannot be read: ${(await said)?.trim() || `exit code ${code}`}`);
    await received;
  } finally {
    session.close();
  }
}

async function place({ name, type, mode, content }: UnpackedFile, folder: string): Promise<void> {
  const target = path.join(folder, name);
  if (type === 'symlink' || (await throughLink(folder, name))) return;
  if (type === 'directory') return void (await mkdir(target, { recursive: true }));
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.devspace-hook.${process.pid}.tmp`;
  try {
    await pipeline(content, createWriteStream(temporary));
    await chmod(temporary, mode);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Whether a link among the parents would lead the file out of the folder. */
async function throughLink(folder: string, name: string): Promise<boolean> {
  for (let parent = path.dirname(name); parent !== '.'; parent = path.dirname(parent)) {
    const stat = await lstat(path.join(folder, parent)).catch(() => undefined);
    if (stat?.isSymbolicLink()) return true;
  }
  return false;
}

async function* entriesOf(root: string): AsyncGenerator<ArchiveEntry> {
  const stat = await lstat(root);
  if (!stat.isDirectory()) {
    yield* entryOf(root, path.basename(root));
    return;
  }
  const names = await readdir(root, { recursive: true });
  for (const name of names.sort()) yield* entryOf(path.join(root, name), name.split(path.sep).join('/'));
}

async function* entryOf(file: string, name: string): AsyncGenerator<ArchiveEntry> {
  const stat = await lstat(file);
  const { mtime, size } = stat;
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) yield { type: 'directory', name: `${name}/`, mode, mtime };
  else if (stat.isFile()) yield { type: 'file', name, mode, mtime, size, content: createReadStream(file) };
}
