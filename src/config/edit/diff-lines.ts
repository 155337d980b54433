/** One line of a comparison: kept, taken away or new. */
interface DiffLine {
  readonly kind: 'kept' | 'removed' | 'added';
  readonly text: string;
}

/**
 * Compares two texts line by line. Lines are without their ends. For texts that differ in more than a few thousand lines
 * the result is right but not the shortest.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = before.split(/\r?\n/);
  const next = after.split(/\r?\n/);
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start += 1;
  let end = 0;
  const room = Math.min(old.length, next.length) - start;
  while (end < room && old[old.length - 1 - end] === next[next.length - 1 - end]) end += 1;
  return [
    ...old.slice(0, start).map((text): DiffLine => ({ kind: 'kept', text })),
    ...compare(old.slice(start, old.length - end), next.slice(start, next.length - end)),
    ...old.slice(old.length - end).map((text): DiffLine => ({ kind: 'kept', text })),
  ];
}

/** The changed lines with three lines around them, as `diff -u` shows them; empty when nothing changed. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const lines = diffLines(before, after);
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some(({ kind }) => kind !== 'kept');
  const shown: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  let isOpen = false;
  for (const [index, { kind, text }] of lines.entries()) {
    if (near(index)) {
      if (!isOpen) shown.push(`@@ line ${oldLine} → line ${newLine} @@`);
      shown.push(`${marks[kind]}${text}`);
      isOpen = true;
    } else {
      isOpen = false;
    }
    if (kind !== 'added') oldLine += 1;
    if (kind !== 'removed') newLine += 1;
  }
  return shown.length === 0 ? '' : [`--- ${name}`, `+++ ${name} (new)`, ...shown].join('\n');
}

const contextLines = 3;
const marks = { kept: ' ', removed: '-', added: '+' } as const;
const maxCells = 4_000_000;

/** The longest common subsequence; above the limit everything old goes and everything new comes. */
function compare(old: readonly string[], next: readonly string[]): DiffLine[] {
  if (old.length * next.length > maxCells) {
    return [
      ...old.map((text): DiffLine => ({ kind: 'removed', text })),
      ...next.map((text): DiffLine => ({ kind: 'added', text })),
    ];
  }
  const lengths = commonLengths(old, next);
  const result: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < next.length) {
    const [oldText, newText] = [old[row], next[column]];
    if (oldText !== undefined && oldText === newText) {
      result.push({ kind: 'kept', text: oldText });
      row += 1;
      column += 1;
    } else if (
      oldText !== undefined &&
      (newText === undefined || lengths(row + 1, column) >= lengths(row, column + 1))
    ) {
      result.push({ kind: 'removed', text: oldText });
      row += 1;
    } else {
      result.push({ kind: 'added', text: newText ?? '' });
      column += 1;
    }
  }
  return result;
}

function commonLengths(old: readonly string[], next: readonly string[]): (row: number, column: number) => number {
  const width = next.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = next.length - 1; column >= 0; column -= 1) {
      const isSame = old[row] === next[column];
      const down = table[(row + 1) * width + column] ?? 0;
      const right = table[row * width + column + 1] ?? 0;
      table[row * width + column] = isSame ? (table[(row + 1) * width + column + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  return (row, column) => table[row * width + column] ?? 0;
}
