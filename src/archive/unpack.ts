import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

export interface UnpackedFile {
  /** Relative, normalised, with `/`; never absolute and never with `..`. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly mtime: Date;
  /** Bytes of the content. */
  readonly size: number;
  /** Target of a symbolic link, as written. */
  readonly target: string;
  /** Must be read to its end by the receiver. */
  readonly content: Readable;
}

export interface Refused {
  readonly name: string;
  readonly reason: string;
}

/**
 * Gives each entry of a tar stream to `receive`, one after the other. What a hostile sender could use to leave the
 * target folder (absolute names, `..`, hard links, devices) is not given but reported. Rejects if the archive is cut.
 */
export async function unpackEntries(
  archive: Readable,
  options: {
    receive(file: UnpackedFile): Promise<void>;
    refuse(refused: Refused): void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const reader = extract();
  const reading = (async () => {
    for await (const entry of reader) {
      const { name, type, mode = 0o644, mtime = new Date(0), size = 0, linkname } = entry.header;
      const reason = reasonToRefuse(name, type ?? 'file');
      if (reason === undefined) {
        await options.receive({
          name: normalName(name),
          type: type === 'directory' || type === 'symlink' ? type : 'file',
          mode: mode & 0o7777,
          mtime,
          size,
          target: linkname ?? '',
          content: entry as unknown as Readable,
        });
      } else if (normalName(name) !== '') {
        options.refuse({ name, reason });
      }
      entry.resume();
    }
  })();
  reading.catch(() => {});
  await pipeline(archive, reader as unknown as NodeJS.WritableStream, { signal: options.signal }).catch(
    async (error: unknown) => {
      // the receiver's own failure is the better explanation
      await reading;
      throw error;
    },
  );
  await reading;
}

function normalName(name: string): string {
  return name
    .replace(/^(\.\/+)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
}

function reasonToRefuse(name: string, type: string): string | undefined {
  if (!['file', 'contiguous-file', 'directory', 'symlink'].includes(type)) return `is a ${type}`;
  if (name.startsWith('/')) return 'has an absolute name';
  if (name.includes('\0')) return 'has a name with a zero byte';
  if (name.split('/').includes('..')) return 'has a name that leaves the folder';
  return normalName(name) === '' ? 'is the folder itself' : undefined;
}
