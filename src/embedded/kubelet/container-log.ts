import { EventEmitter, once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { LogOptions } from '../api/pod-runtime.ts';

/**
 * The output of one run of a container, in files with a time before each line, and a mark behind it that says whether the
 * line goes on in the next one, as container runtimes do it.
 */
export interface ContainerLog {
  append(stream: 'stdout' | 'stderr', data: Buffer): void;
  /** Writes what has no line end yet; nothing comes after it. */
  end(): void;
  read(options: LogOptions): Readable;
  /** The last bytes of the output as text, for termination messages. */
  tail(bytes: number): string;
  remove(): void;
}

const segmentBytes = 10 * 1024 * 1024;
const mostSegments = 5;
const chunkBytes = 1024 * 1024;
/** Longer lines are cut into pieces of this size. */
const pieceBytes = 16 * 1024;
const marks = { whole: Buffer.from('F '), cut: Buffer.from('P ') };
const newline = Buffer.from('\n');

/** Opens an empty log; `file` gets a number for each segment. Old segments go when there are too many. */
export function openContainerLog(file: string): ContainerLog {
  mkdirSync(path.dirname(file), { recursive: true });
  const changed = new EventEmitter().setMaxListeners(0);
  const rest: Record<'stdout' | 'stderr', Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  let first = 0;
  let last = 0;
  let size = 0;
  let isOver = false;
  let descriptor = openSync(`${file}.0`, 'w', 0o600);

  const write = (pieces: readonly Piece[]): void => {
    if (pieces.length === 0) return;
    const time = Buffer.from(`${new Date().toISOString().replace('Z', '000000Z')} `);
    const data = Buffer.concat(pieces.flatMap(({ end, text }) => [time, marks[end], text, newline]));
    writeSync(descriptor, data);
    size += data.length;
    if (size > segmentBytes) rotate();
    changed.emit('change');
  };
  const rotate = (): void => {
    closeSync(descriptor);
    last += 1;
    size = 0;
    descriptor = openSync(`${file}.${last}`, 'w', 0o600);
    if (last - first >= mostSegments) rmSync(`${file}.${first++}`, { force: true });
  };
  const segment = (index: number): Buffer => readFileSync(`${file}.${index}`);

  return {
    append(stream, data) {
      const all = rest[stream].length > 0 ? Buffer.concat([rest[stream], data]) : data;
      const pieces: Piece[] = [];
      let start = 0;
      for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, start)) {
        const parts = cut(all.subarray(start, end));
        pieces.push(...parts.pieces, { end: 'whole', text: parts.rest });
        start = end + 1;
      }
      const open = cut(all.subarray(start));
      rest[stream] = Buffer.from(open.rest);
      write([...pieces, ...open.pieces]);
    },
    end() {
      if (isOver) return;
      const open = [rest.stdout, rest.stderr].filter((text) => text.length > 0);
      write(open.map((text) => ({ end: 'cut', text })));
      isOver = true;
      closeSync(descriptor);
      changed.emit('change');
    },
    read: (options) => Readable.from(readLines(options), { objectMode: false }),
    tail: (bytes) => plainLines(segment(last)).subarray(-bytes).toString('utf8'),
    remove() {
      this.end();
      for (let index = first; index <= last; index += 1) rmSync(`${file}.${index}`, { force: true });
    },
  };

  async function* readLines(options: LogOptions): AsyncGenerator<Buffer> {
    const { follow, tailLines, limitBytes = Number.POSITIVE_INFINITY, signal } = options;
    let index = first;
    let offset = 0;
    let left = limitBytes;
    let skip = tailLines === undefined || tailLines < 0 ? 0 : countLines() - tailLines;
    for (;;) {
      const wasOver = isOver;
      if (index < first) [index, offset] = [first, 0];
      const data = readFrom(`${file}.${index}`, offset);
      offset += data.length;
      for (const chunk of select(data, options)) {
        if (skip-- > 0) continue;
        if (left <= 0) return;
        yield chunk.subarray(0, left);
        left -= chunk.length;
      }
      if (data.length > 0) continue;
      if (index < last) [index, offset] = [index + 1, 0];
      else if (!follow || wasOver || signal.aborted) return;
      else await once(changed, 'change', { signal }).catch(() => {});
    }
  }

  function countLines(): number {
    let count = 0;
    for (let index = first; index <= last; index += 1) for (const byte of segment(index)) if (byte === 10) count += 1;
    return count;
  }
}

interface Piece {
  /** `cut`: the line goes on, or it never got its end. */
  readonly end: keyof typeof marks;
  readonly text: Buffer;
}

function cut(line: Buffer): { readonly pieces: readonly Piece[]; readonly rest: Buffer } {
  const pieces: Piece[] = [];
  let start = 0;
  for (; line.length - start > pieceBytes; start += pieceBytes) {
    pieces.push({ end: 'cut', text: line.subarray(start, start + pieceBytes) });
  }
  return { pieces, rest: line.subarray(start) };
}

/** Whole lines from the offset on, as many as fit into a chunk. */
function readFrom(file: string, offset: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, fstatSync(descriptor).size - offset)));
    const data = chunk.subarray(0, readSync(descriptor, chunk, 0, chunk.length, offset));
    return data.subarray(0, data.lastIndexOf(10) + 1);
  } finally {
    closeSync(descriptor);
  }
}

const timeLength = 31;

/** The stored lines that are new enough, with or without their time, which pieces of a line have, too. */
function* select(data: Buffer, { since, timestamps }: LogOptions): Generator<Buffer> {
  let start = 0;
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
    const line = data.subarray(start, end + 1);
    start = end + 1;
    if (since !== undefined && Date.parse(`${line.toString('latin1', 0, 23)}Z`) < since) continue;
    const isWhole = line[timeLength] === marks.whole[0];
    const text = line.subarray(timeLength + marks.whole.length, isWhole ? undefined : -1);
    yield timestamps ? Buffer.concat([line.subarray(0, timeLength), text]) : text;
  }
}

function plainLines(data: Buffer): Buffer {
  const signal = new AbortController().signal;
  const all = {
    follow: false,
    previous: false,
    timestamps: false,
    tailLines: undefined,
    since: undefined,
    limitBytes: undefined,
    signal,
  };
  return Buffer.concat([...select(data, all)]);
}
