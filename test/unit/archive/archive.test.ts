import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packEntries } from '../../../src/archive/pack.ts';
import { unpackEntries } from '../../../src/archive/unpack.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { unpack } from '../../helpers/unpack.ts';

const mtime = new Date(0);

const fileOf = (name: string, content: Buffer | Readable, size: number) =>
  ({ type: 'file', name, mode: 0o644, mtime, size, content }) as const;

test('names and contents come out as they went in', async () => {
  const name = fc
    .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map((part) => `n${part.replace(/[/\0]/g, '_')}`).join('/'));
  const tree = fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([key]) => key, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(tree, async (files) => {
      const entries = files.map(([key, value]) => fileOf(key, Buffer.from(value), Buffer.byteLength(value)));
      expect(await unpack(packEntries(entries))).toEqual(Object.fromEntries(files));
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['grew', 10, '0123456789'],
  ['shrank', 25, `01234567890123456789${'\0'.repeat(5)}`],
])('a stream that %s keeps the archive whole', async (_name, size, expected) => {
  const content = Readable.from([Buffer.from('0123456789'), Buffer.from('0123456789')]);
  const archive = packEntries([fileOf('a', content, size), fileOf('b', Buffer.from('next'), 4)]);
  expect(await unpack(archive)).toEqual({ a: expected, b: 'next' });
});

test('an entry that cannot be read destroys the archive', async () => {
  const entries = (function* () {
    yield fileOf('a', Buffer.from('x'), 1);
    throw new Error('the disk is gone');
  })();
  expect((await errorOf(buffer(packEntries(entries)))).message).toBe('the disk is gone');
});

test('a cut archive is an error', async () => {
  const whole = await buffer(packEntries([fileOf('a', Buffer.alloc(10_000), 10_000)]));
  await errorOf(unpack(Readable.from([whole.subarray(0, 3_000)])));
});

test('the failure of the receiver is the one that is told', async () => {
  const archive = packEntries([fileOf('a', Buffer.alloc(500_000), 500_000)]);
  const { signal } = new AbortController();
  const receive = async () => {
    throw new Error('no room');
  };
  expect((await errorOf(unpackEntries(archive, { signal, refuse: () => {}, receive }))).message).toBe('no room');
});
