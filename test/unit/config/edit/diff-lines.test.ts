import { describe, expect, test } from 'vitest';
import { diffLines, unifiedDiff } from '../../../../src/config/edit/diff-lines.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe('unifiedDiff', () => {
  test('shows what changed with three lines around it', () => {
    const before = numbered(12).join('\n');
    const after = numbered(12).with(5, 'other').toSpliced(6, 0, 'new').join('\n');
    expect(unifiedDiff('f', before, after).split('\n')).toEqual([
      '--- f',
      '+++ f (new)',
      '@@ line 3 → line 3 @@',
      ' line 3',
      ' line 4',
      ' line 5',
      '-line 6',
      '+other',
      '+new',
      ' line 7',
      ' line 8',
      ' line 9',
    ]);
  });

  test('is empty when nothing changed', () => expect(unifiedDiff('f', 'a\nb', 'a\nb')).toBe(''));
});

describe('diffLines', () => {
  test.each<[string, string]>([
    ['', 'a'],
    ['a\nb\nc', 'b\nc\nd'],
    ['a\nb\na\nb', 'b\na\nb\na'],
    ['x\ny', ''],
  ])('%j → %j gives both texts back', (before, after) => {
    const lines = diffLines(before, after);
    const old = lines.filter(({ kind }) => kind !== 'added').map(({ text }) => text);
    const next = lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text);
    expect([old.join('\n'), next.join('\n')]).toEqual([before, after]);
  });

  test('ends quickly for large texts', () => {
    const start = performance.now();
    const lines = diffLines(numbered(20_000).join('\n'), numbered(20_000).toReversed().join('\n'));
    expect(lines.length).toBeGreaterThan(20_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
