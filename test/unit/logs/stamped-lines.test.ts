import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStampedLines, toStampedLine } from '../../../src/logs/stamped-lines.ts';

const time = '2026-01-02T03:04:05.000000006Z';
const stamp = `${Date.parse('2026-01-02T03:04:05Z') / 1000}.000000006`;

async function linesOf(chunks: readonly Buffer[]): Promise<{ stamp: string; text: string }[]> {
  const lines = [];
  for await (const line of readStampedLines(Readable.from(chunks))) {
    lines.push({ stamp: line.stamp, text: line.text.toString('latin1') });
  }
  return lines;
}

test('wherever the chunks end, the lines are the same, and the last one needs no newline', async () => {
  const log = Buffer.from(`${time} one\n${time} \n${time}  two \u00e4\n${time} last`);
  const whole = await linesOf([log]);
  expect(whole.map(({ text }) => text)).toEqual(['one', '', ' two \u00c3\u00a4', 'last']);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: log.length })), async (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), log.length];
      const chunks = ends.map((end, index) => log.subarray(ends[index - 1] ?? 0, end));
      expect(await linesOf(chunks)).toEqual(whole);
    }),
  );
});

test.each([
  ['2026-01-02T03:04:05.000000006Z', stamp],
  ['2026-01-02T04:04:05.000000006+01:00', stamp],
  ['2026-01-02T03:04:05.5Z', stamp.replace('000000006', '500000000')],
  ['2026-01-02T03:04:05Z', stamp.replace('000000006', '000000000')],
])('the time %s can be compared', (text, expected) => {
  expect(toStampedLine(Buffer.from(`${text} word`))).toEqual({ stamp: expected, text: Buffer.from('word') });
});

test('a line without a time is passed on as it is', () => {
  expect(toStampedLine(Buffer.from('unable to read'))).toEqual({ stamp: '', text: Buffer.from('unable to read') });
});

test('the times that old kubelets put between the pieces of a long line are taken out', () => {
  const piece = 'x'.repeat(16 * 1024);
  const line = toStampedLine(Buffer.from(`${time} ${piece}${time} ${piece}${time} end ${time} of it`));
  expect(line.text.toString()).toBe(`${piece}${piece}end ${time} of it`);
});
