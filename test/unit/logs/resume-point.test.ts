import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResumePoint } from '../../../src/logs/resume-point.ts';

/** A log as a server has it: the time of each line, in hundredths of a second, nearly in order. */
const log = fc
  .array(fc.record({ wait: fc.integer({ min: 0, max: 150 }), behind: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 60,
  })
  .map((lines) => {
    let now = 100_000;
    return lines.map(({ wait, behind }) => {
      now += wait;
      const at = now - behind;
      return `${Math.floor(at / 100)}.${String(at % 100).padEnd(9, '0')}`;
    });
  });

test('wherever the connection breaks, each line is taken once', () => {
  fc.assert(
    fc.property(log, fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 }), (lines, breaks) => {
      const point = createResumePoint();
      const taken: number[] = [];
      const ends = [...breaks.filter((end) => end <= lines.length).sort((a, b) => a - b), lines.length];
      for (const end of ends) {
        const from = point.sinceTime === undefined ? 0 : Date.parse(point.sinceTime) / 1000;
        point.reopened();
        for (const [index, stamp] of lines.slice(0, end).entries()) {
          if (Number(stamp) >= from && point.take(stamp)) taken.push(index);
        }
      }
      expect(taken).toEqual(lines.map((_, index) => index));
    }),
  );
});

test('it remembers only the last seconds', () => {
  const point = createResumePoint();
  for (let second = 0; second < 20_000; second += 1) expect(point.take(`${1_000_000 + second}.000000000`)).toBe(true);
  expect(point.sinceTime).toBe('1970-01-12T19:19:57Z');
  point.reopened();
  expect(point.take('1000005.000000000')).toBe(false);
  expect(point.take('1019999.000000000')).toBe(false);
  expect(point.take('1019999.000000000')).toBe(true);
});
