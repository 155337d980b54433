import { expect, test } from 'vitest';
import { createRedactor, plainText } from '../../../src/core/redact.ts';

test.each([
  ['https://me:geheim@host/path', 'https://me:***@host/path'],
  ['git clone https://user:p%40ss@github.com/a/b.git', 'git clone https://user:***@github.com/a/b.git'],
  ['Authorization: Bearer abcdef.ghijkl-123', 'Authorization: Bearer ***'],
  ['Authorization: Basic bWU6Z2VoZWlt', 'Authorization: Basic ***'],
  ['https://host:8080/path@2', 'https://host:8080/path@2'],
  ['me@example.com', 'me@example.com'],
  ['the Bearer of news', 'the Bearer of news'],
])('%s → %s', (text, clean) => {
  expect(createRedactor().clean(text)).toBe(clean);
});

test('known secrets are masked wherever they are; one in another too', () => {
  const redactor = createRedactor();
  for (const secret of ['hunter2', 'hunter2-long', undefined, '', 'abc']) redactor.add(secret);
  expect(redactor.clean('a hunter2 b hunter2-long c abc')).toBe('a *** b *** c abc');
});

test('control characters of foreign text are removed, lines and tabs stay', () => {
  expect(plainText('\u001b[31mred\u001b[0m\u001b[2J\u0007\r\n\tend\u0000\u007f')).toBe('red\n\tend');
  expect(plainText('\u001b]0;title\u0007text')).not.toContain('\u001b');
});
