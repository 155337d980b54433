import type { Readable } from 'node:stream';

/** A line of a log that was asked for with timestamps. */
export interface StampedLine {
  /** When it was printed, in a form that can be compared: `seconds.nanoseconds`. Empty if the server gave no time. */
  readonly stamp: string;
  /** Without its newline; any bytes. */
  readonly text: Buffer;
}

const newline = 10;

/** The lines of a log with timestamps as they come. A last line without a newline comes too, unless the log broke. */
export async function* readStampedLines(log: Readable): AsyncGenerator<StampedLine> {
  let open: Buffer[] = [];
  for await (const chunk of log as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const part = chunk.subarray(start, end);
      yield toStampedLine(open.length === 0 ? part : Buffer.concat([...open, part]));
      open = [];
      start = end + 1;
    }
    if (start < chunk.length) open.push(chunk.subarray(start));
  }
  if (open.length > 0) yield toStampedLine(Buffer.concat(open));
}

/** Longer than any timestamp with a time zone and the space behind it. */
const longestStamp = 40;
const stampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /;
/** Container runtimes cut lines into pieces of this size; kubelets before 1.22 put a time before each of them. */
const pieceBytes = 16 * 1024;

/** Pure: splits the time off, and takes out what stands between the pieces of a long line. */
export function toStampedLine(line: Buffer): StampedLine {
  const head = stampAt(line, 0);
  if (!head) return { stamp: '', text: line };
  const parts: Buffer[] = [];
  let start = head.length;
  for (;;) {
    const next = start + pieceBytes;
    const between = next < line.length ? stampAt(line, next) : undefined;
    if (!between) break;
    parts.push(line.subarray(start, next));
    start = next + between.length;
  }
  const last = line.subarray(start);
  return { stamp: head.stamp, text: parts.length === 0 ? last : Buffer.concat([...parts, last]) };
}

function stampAt(line: Buffer, offset: number): { readonly stamp: string; readonly length: number } | undefined {
  const found = stampPattern.exec(line.toString('latin1', offset, offset + longestStamp));
  if (!found) return undefined;
  const [whole, seconds, fraction = '', zone] = found;
  const epochSeconds = Date.parse(`${seconds}${zone}`) / 1000;
  return { stamp: `${epochSeconds}.${fraction.padEnd(9, '0')}`, length: whole.length };
}
