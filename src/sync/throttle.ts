import { sleep } from '../core/abort.ts';

/** How far ahead of the limit a stream may be. */
const burstMs = 100;

/** Passes pieces on no faster than so many KiB per second; without a limit at once. */
export async function* throttle(
  pieces: AsyncIterable<Buffer>,
  kibPerSecond: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const startedAt = performance.now();
  const step = 16 * 1024;
  let bytes = 0;
  for await (const piece of pieces) {
    if (kibPerSecond === undefined) {
      yield piece;
      continue;
    }
    for (let at = 0; at < piece.length; at += step) {
      const part = piece.subarray(at, at + step);
      bytes += part.length;
      const dueAt = startedAt + (bytes / (kibPerSecond * 1024)) * 1000;
      const early = dueAt - performance.now() - burstMs;
      if (early > 0) await sleep(early, signal);
      yield part;
    }
  }
}
