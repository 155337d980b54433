import { expect, test } from 'vitest';
import { createEscape } from '../../../src/terminal/escape.ts';

/** What goes to the container for these chunks; `!` where the terminal ends. */
function pass(chunks: readonly string[]): string {
  const escape = createEscape();
  return chunks
    .map((chunk) => {
      const { keys, isDetached } = escape(Buffer.from(chunk));
      return `${keys.toString()}${isDetached ? '!' : ''}`;
    })
    .join('');
}

test.each([
  [['~', '.'], '!'],
  [['ls\r', '~', '.'], 'ls\r!'],
  [['ls\r~.'], 'ls\r!'],
  [['a', '~', '.'], 'a~.'],
  [['\r', '~', '~', '.'], '\r~.'],
  [['\r', '~', 'x', '~', '.'], '\r~x~.'],
  [['\r', '~', '\r', '~', '.'], '\r~\r!'],
  [['a long line that was pasted\r~.\r'], 'a long line that was pasted\r~.\r'],
  [['~', 'pasted at once'], '~pasted at once'],
  [['\u00e4', '\u001b[A', '\u0003'], '\u00e4\u001b[A\u0003'],
])('%j comes to %j', (chunks, expected) => expect(pass(chunks)).toBe(expected));
