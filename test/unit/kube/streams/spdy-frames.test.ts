import { constants, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createFrameReader,
  createHeaderWriter,
  dataFrameHead,
  goawayFrame,
  pingFrame,
  resetFrame,
  type SpdyFrame,
  synStreamFrame,
} from '../../../../src/kube/streams/spdy-frames.ts';
import { controlFrame } from '../../../helpers/spdy-peer.ts';

const streamId = fc.integer({ min: 1, max: 0x7fffffff });

const frame: fc.Arbitrary<{ readonly bytes: Buffer; readonly means: SpdyFrame }> = fc.oneof(
  fc.record({ id: streamId, fin: fc.boolean(), data: fc.uint8Array({ maxLength: 300 }) }).map(({ id, fin, data }) => ({
    bytes: Buffer.concat([dataFrameHead(id, data.length, fin ? 'fin' : 'more'), data]),
    means: { type: 'data' as const, streamId: id, fin, payload: Buffer.from(data) },
  })),
  fc.tuple(streamId, fc.integer({ min: 1, max: 11 })).map(([id, status]) => ({
    bytes: resetFrame(id, status),
    means: { type: 'reset' as const, streamId: id, status },
  })),
  fc.integer({ min: 1, max: 0xffffffff }).map((id) => ({ bytes: pingFrame(id), means: { type: 'ping' as const, id } })),
  fc.constant({ bytes: goawayFrame(), means: { type: 'goaway' as const } }),
  streamId.map((id) => {
    const payload = Buffer.alloc(12);
    payload.writeUInt32BE(id);
    return { bytes: controlFrame(2, payload), means: { type: 'reply' as const, streamId: id, fin: false } };
  }),
  fc.constantFrom(4, 8, 9).map((type) => ({
    bytes: controlFrame(type, Buffer.from('window')),
    means: { type: 'other' as const },
  })),
);

describe('createFrameReader', () => {
  test('gives the same frames however the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), cuts, (frames, sizes) => {
        const stream = Buffer.concat(frames.map(({ bytes }) => bytes));
        const read = createFrameReader();
        const got: SpdyFrame[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          got.push(...read(stream.subarray(at, at + size)));
          at += size;
        }
        expect(got).toEqual(frames.map(({ means }) => means));
      }),
    );
  });

  test('refuses another protocol', () => {
    const read = createFrameReader();
    const http2Settings = Buffer.from([0x80, 2, 0, 4, 0, 0, 0, 0]);
    expect(() => read(http2Settings)).toThrow('the server does not speak SPDY/3.1');
  });
});

describe('createHeaderWriter', () => {
  test('writes blocks of one zlib stream that each can be read when it arrives', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const headers = fc.dictionary(name, fc.string({ maxLength: 200 }), { maxKeys: 6, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(headers, { minLength: 1, maxLength: 5 }), (blocks) => {
        const write = createHeaderWriter();
        let compressed = Buffer.alloc(0);
        let seen = 0;
        for (const block of blocks) {
          compressed = Buffer.concat([compressed, write(block)]);
          const raw = inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH });
          expect(readPairs(raw.subarray(seen))).toEqual(block);
          seen = raw.length;
        }
      }),
    );
  });

  test('writes names in lower case, as the protocol wants them', () => {
    const raw = inflateSync(createHeaderWriter()({ StreamType: 'Error' }), { finishFlush: constants.Z_SYNC_FLUSH });
    expect(readPairs(raw)).toEqual({ streamtype: 'Error' });
  });
});

test('a SYN_STREAM names its stream and carries the block', () => {
  const bytes = synStreamFrame(5, Buffer.from('block'));
  expect(bytes.subarray(0, 4)).toEqual(Buffer.from([0x80, 3, 0, 1]));
  expect(bytes.readUIntBE(5, 3)).toBe(bytes.length - 8);
  expect(bytes.readUInt32BE(8)).toBe(5);
  expect(bytes.subarray(18).toString()).toBe('block');
});

function readPairs(raw: Buffer): Record<string, string> {
  const pairs: [string, string][] = [];
  let at = 4;
  const text = () => {
    const end = at + 4 + raw.readUInt32BE(at);
    const value = raw.toString('utf8', at + 4, end);
    at = end;
    return value;
  };
  for (let left = raw.readUInt32BE(0); left > 0; left -= 1) pairs.push([text(), text()]);
  return Object.fromEntries(pairs);
}
