import { expect, test } from 'vitest';
import { BuildTrace } from '../../../src/docker/build-trace.ts';
import { protobufMessage } from '../../helpers/protobuf-message.ts';

const started = [5, protobufMessage([1, 1])] as const;
const vertex = (digest: string, name: string, ...more: readonly (readonly [number, string | Buffer | number])[]) =>
  [1, protobufMessage([1, digest], [3, name], ...more)] as const;
const output = (digest: string, text: string | Buffer) => [3, protobufMessage([1, digest], [3, 1], [4, text])] as const;

function trace() {
  const lines: string[] = [];
  return {
    lines,
    trace: new BuildTrace({
      onStep: (step) => lines.push(`step ${step}`),
      onOutput: (line) => lines.push(`output ${line}`),
    }),
  };
}

test('an instruction is told once, when it begins or that it is cached', () => {
  const bench = trace();
  bench.trace.read(protobufMessage(vertex('a', '[1/3] FROM b'), vertex('b', '[2/3] RUN c')));
  bench.trace.read(protobufMessage(vertex('a', '[1/3] FROM b', [4, 1], started), vertex('b', '[2/3] RUN c', started)));
  bench.trace.read(protobufMessage(vertex('b', '[2/3] RUN c', started, [6, '']), [2, 'a download'], [9, 9]));
  expect(bench.lines).toEqual(['output cached: [1/3] FROM b', 'step [2/3] RUN c']);
  expect(bench.trace.failed()).toBeUndefined();
});

test('output in pieces becomes lines, also where instructions run beside each other and letters are cut', () => {
  const bench = trace();
  bench.trace.read(protobufMessage(vertex('a', 'A'), vertex('b', 'B')));
  const letter = Buffer.from('ä');
  bench.trace.read(protobufMessage(output('a', Buffer.concat([Buffer.from('gr'), letter.subarray(0, 1)]))));
  bench.trace.read(protobufMessage(output('b', 'one\r\ntwo\n')));
  bench.trace.read(protobufMessage(output('a', Buffer.concat([letter.subarray(1), Buffer.from('n\nrest')]))));
  bench.trace.read(protobufMessage(output('nobody', 'lost\n')));
  expect(bench.lines).toEqual(['output one', 'output two', 'output grän']);
});

test('the instruction that failed is told with its last lines, not one that stopped because of it', () => {
  const bench = trace();
  bench.trace.read(protobufMessage(vertex('a', '[a 2/2] RUN long'), vertex('b', '[b 2/2] RUN short')));
  const many = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');
  bench.trace.read(protobufMessage(output('b', `${many}the end`), output('a', 'of another\n')));
  bench.trace.read(
    protobufMessage(
      vertex('a', '[a 2/2] RUN long', started, [7, 'executor failed running: context canceled']),
      vertex('b', '[b 2/2] RUN short', started, [7, 'exit code: 6']),
    ),
  );
  const failed = bench.trace.failed();
  expect(failed?.step).toBe('[b 2/2] RUN short');
  expect([failed?.lines.length, failed?.lines[0], failed?.lines.at(-1)]).toEqual([16, 'line 5', 'the end']);
});
