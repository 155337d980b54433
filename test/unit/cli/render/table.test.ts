import { describe, expect, test } from 'vitest';
import { renderTable } from '../../../../src/cli/render/table.ts';

interface Row {
  readonly name: string;
  readonly value: string;
}

const columns = [
  { head: 'Name', text: (row: Row) => row.name },
  { head: 'Value', text: (row: Row) => row.value },
];

describe('renderTable', () => {
  test('aligns columns under upper-case heads, without spaces at the ends of lines', () => {
    const rows = [
      { name: 'a', value: 'short' },
      { name: 'much longer', value: '' },
    ];
    expect(renderTable(rows, columns)).toBe('NAME          VALUE\na             short\nmuch longer\n');
  });

  test('counts characters, not UTF-16 units', () => {
    const rows = [{ name: '🙂🙂', value: 'x' }];
    expect(renderTable(rows, columns)).toBe('NAME   VALUE\n🙂🙂     x\n');
  });

  test('keeps a row in one line and control characters out', () => {
    const rows = [{ name: 'a\n  b', value: '\u001b[31mred\u001b[0m\u0007' }];
    expect(renderTable(rows, columns)).toBe('NAME   VALUE\na b    red\n');
  });
});
