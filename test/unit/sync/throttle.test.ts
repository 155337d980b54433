import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { throttle } from '../../../src/sync/throttle.ts';
import { errorOf } from '../../helpers/error-of.ts';

const pieces = (...sizes: number[]) => Readable.from(sizes.map((size, index) => Buffer.alloc(size, index + 1)));

test('a limit holds for the whole and changes no byte', async () => {
  const startedAt = performance.now();
  const { signal } = new AbortController();
  const out = await buffer(throttle(pieces(100_000, 5, 60_000), 256, signal));
  // 160 KB at 256 KiB per second, of which a tenth of a second may be ahead
  expect(performance.now() - startedAt).toBeGreaterThan(450);
  expect(out).toEqual(await buffer(pieces(100_000, 5, 60_000)));
});

test('without a limit every piece passes as it is', async () => {
  const sizes: number[] = [];
  for await (const piece of throttle(pieces(100_000, 5), undefined, new AbortController().signal))
    sizes.push(piece.length);
  expect(sizes).toEqual([100_000, 5]);
});

test('the wait ends with the signal', async () => {
  const reason = new Error('stop');
  const limited = buffer(throttle(pieces(1_000_000), 1, AbortSignal.abort(reason)));
  expect(await errorOf(limited)).toMatchObject({ message: 'stop' });
});
