import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as tarPack } from 'tar-stream';

/** One entry of an archive. Names are relative, with `/`; uid and gid are always 0. */
export type ArchiveEntry = FileEntry | DirectoryEntry | SymlinkEntry;

export interface FileEntry {
  readonly type: 'file';
  readonly name: string;
  readonly mode: number;
  readonly mtime: Date;
  /** Bytes that the archive announces. A stream that has more is cut, one that has less is filled with zeros. */
  readonly size: number;
  readonly content: Buffer | Readable;
}

export interface DirectoryEntry {
  readonly type: 'directory';
  readonly name: string;
  readonly mode: number;
  readonly mtime: Date;
}

export interface SymlinkEntry {
  readonly type: 'symlink';
  readonly name: string;
  readonly target: string;
  readonly mtime: Date;
}

/**
 * A tar stream of the entries, made as fast as it is read. If the iterable throws, the stream is destroyed with that
 * error, so that a half archive is never taken for a whole one.
 */
export function packEntries(entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>): Readable {
  const archive = tarPack();
  const writeAll = async () => {
    for await (const entry of entries) await writeEntry(archive, entry);
  };
  writeAll().then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // tar-stream has a stream class of its own; the adapter gives what Node.js and every library expect
  return Readable.from(archive, { objectMode: false });
}

async function writeEntry(archive: ReturnType<typeof tarPack>, entry: ArchiveEntry): Promise<void> {
  const common = { name: entry.name, mtime: entry.mtime, uid: 0, gid: 0 };
  if (entry.type === 'file' && entry.content instanceof Readable) {
    const sink = archive.entry({ ...common, mode: entry.mode, size: entry.size });
    await pipeline(entry.content, exactly(entry.size), sink as unknown as NodeJS.WritableStream);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (entry.type === 'file') {
      const content = entry.content as Buffer;
      archive.entry({ ...common, mode: entry.mode, size: content.length }, content, done);
    } else if (entry.type === 'directory') {
      archive.entry({ ...common, mode: entry.mode, type: 'directory' }, done);
    } else {
      archive.entry({ ...common, type: 'symlink', linkname: entry.target }, done);
    }
  });
}

/** A file may grow or shrink while it is read, but its size is already in the archive. */
function exactly(size: number): Transform {
  let left = size;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      done(null, part);
    },
    flush(done) {
      const zeros = Buffer.alloc(Math.min(left, 64 * 1024));
      for (; left > 0; left -= zeros.length) this.push(zeros.subarray(0, left));
      done();
    },
  });
}
