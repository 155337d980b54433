import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import ignore from '@balena/dockerignore';
import { type ArchiveEntry, packEntries } from '../archive/pack.ts';
import type { ImageConfig } from '../config/types.ts';
import { errorText, UserError } from '../core/errors.ts';
import { type FileToRead, readingDigests } from './file-digests.ts';

/** What is sent to the engine: which files, and the Dockerfile that may differ from the one on disk. */
export interface BuildContext {
  /** Relative paths with `/`, sorted. */
  readonly files: readonly ContextFile[];
  /** Extra files that exist in the archive only. */
  readonly additions: readonly { readonly name: string; readonly text: string }[];
  /** Path of the Dockerfile in the archive. */
  readonly dockerfile: string;
  /** Text of the Dockerfile that is built. */
  readonly dockerfileText: string;
}

export interface ContextFile extends FileToRead {
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly size: number;
  readonly mtime: Date;
}

/** Larger files are streamed into the archive, smaller ones are read at once, which is faster. */
const streamAbove = 1024 * 1024;
const generatedDockerfile = '.dockerfile.devspace';

/** Reads the Dockerfile as it is on disk. Throws `BUILD_FILE` with its path. */
export function readDockerfile(image: ImageConfig): string {
  try {
    return readFileSync(image.dockerfile, 'utf8');
  } catch (error) {
    throw new UserError('BUILD_FILE', `The Dockerfile ${image.dockerfile} of image ${image.name} cannot be read.`, {
      hint: 'Create it, or name another one with `dockerfile`.',
      cause: error,
    });
  }
}

/**
 * Looks through the context folder after its `.dockerignore`. A Dockerfile that was overridden or lies outside the
 * context goes into the archive under a name of its own, which the image does not get, as the Docker CLI does it.
 */
export function planContext(image: ImageConfig, dockerfileText: string, onDisk: string): BuildContext {
  const ignoreText = readIgnoreFile(image);
  const files = listFiles(image, ignoreText);
  const inside = path.relative(image.context, image.dockerfile).split(path.sep).join('/');
  if (dockerfileText === onDisk && !inside.startsWith('../') && !path.isAbsolute(inside)) {
    return { files: withFile(files, image, inside), additions: [], dockerfile: inside, dockerfileText };
  }
  const lines = [...(ignoreText === undefined ? ['.dockerignore'] : [ignoreText]), generatedDockerfile, ''];
  return {
    files: files.filter(({ name }) => name !== '.dockerignore'),
    additions: [
      { name: generatedDockerfile, text: dockerfileText },
      { name: '.dockerignore', text: lines.join('\n') },
    ],
    dockerfile: generatedDockerfile,
    dockerfileText,
  };
}

/** The archive that the engine builds. */
export function packContext(context: BuildContext): Readable {
  return packEntries(entriesOf(context));
}

/**
 * Sixteen characters that follow from the content alone: names, owner's mode bits and bytes of the files, the
 * Dockerfile and the options. No time, no absolute path: equal content gives an equal key everywhere.
 */
export function contentKey(context: BuildContext, options: unknown, digests = readingDigests): string {
  const hash = createHash('sha256').update(JSON.stringify([context.dockerfileText, options]));
  for (const file of context.files) {
    hash.update(`\0${file.type}\0${file.name}\0${(file.mode & 0o700).toString(8)}\0`);
    if (file.type === 'symlink') hash.update(readlinkSync(file.absolute));
    else if (file.type === 'file') hash.update(digests.of(file));
  }
  digests.save();
  return hash.digest('hex').slice(0, 16);
}

function* entriesOf(context: BuildContext): Generator<ArchiveEntry> {
  for (const { name, text } of context.additions) {
    const content = Buffer.from(text);
    yield { type: 'file', name, mode: 0o600, mtime: new Date(0), size: content.length, content };
  }
  for (const { name, absolute, type, mode, size, mtime } of context.files) {
    if (type === 'directory') yield { type, name: `${name}/`, mode, mtime };
    else if (type === 'symlink') yield { type, name, target: readlinkSync(absolute), mtime };
    else {
      const content = size > streamAbove ? createReadStream(absolute) : readFileSync(absolute);
      yield { type, name, mode, mtime, size, content };
    }
  }
}

function readIgnoreFile(image: ImageConfig): string | undefined {
  for (const file of [`${image.dockerfile}.dockerignore`, path.join(image.context, '.dockerignore')]) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // the next one, or none at all
    }
  }
  return undefined;
}

function listFiles(image: ImageConfig, ignoreText: string | undefined): ContextFile[] {
  const rules = ignore();
  rules.add((ignoreText ?? '').split(/\r?\n/));
  rules.add('.devspace/');
  const reIncludes = /^\s*!/m.test(ignoreText ?? '');
  const files: ContextFile[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(path.join(image.context, folder)).sort()) {
      const name = folder === '' ? entry : `${folder}/${entry}`;
      const ignored = rules.ignores(name);
      const file = toFile(image.context, name);
      if (!file) continue;
      if (!ignored) files.push(file);
      if (file.type === 'directory' && (!ignored || reIncludes)) walk(name);
    }
  };
  try {
    walk('');
  } catch (error) {
    const message = `The build context ${image.context} of image ${image.name} cannot be read: ${errorText(error)}`;
    throw new UserError('BUILD_FILE', message, { cause: error });
  }
  return files;
}

/** What lies there, links not followed. Sockets, fifos and devices cannot be sent. */
export function toFile(root: string, name: string): ContextFile | undefined {
  const absolute = path.join(root, name);
  const stat = lstatSync(absolute);
  const type = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : undefined;
  const { mode, size, mtime, mtimeMs, ctimeMs, ino } = stat;
  // also a change that keeps the time shows in one of these
  const stamp = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  return (
    type && { name, absolute, type, mode: mode & 0o7777, size, mtime, stamp, changedMs: Math.max(mtimeMs, ctimeMs) }
  );
}

/** The engine needs the Dockerfile even where `.dockerignore` excludes it; it then removes it itself. */
function withFile(files: readonly ContextFile[], image: ImageConfig, name: string): readonly ContextFile[] {
  if (files.some((file) => file.name === name)) return files;
  const file = toFile(image.context, name);
  return file ? [...files, file] : files;
}
