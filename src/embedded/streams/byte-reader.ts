import type { Readable } from 'node:stream';

/** Reads exact numbers of bytes from a stream. While nobody asks, the stream is not read: its sender feels it. */
export interface ByteReader {
  /** The next bytes, or undefined if the stream ends before there are as many. */
  read(length: number): Promise<Buffer | undefined>;
}

export function createByteReader(stream: Readable, head: Buffer = Buffer.alloc(0)): ByteReader {
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let chunks: Buffer[] = head.length > 0 ? [head] : [];
  let available = head.length;
  return {
    async read(length) {
      while (available < length) {
        const next = await source.next().catch(() => ({ done: true as const, value: undefined }));
        if (next.done) return undefined;
        chunks.push(next.value);
        available += next.value.length;
      }
      const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      available -= length;
      chunks = available > 0 ? [all.subarray(length)] : [];
      return all.subarray(0, length);
    },
  };
}
