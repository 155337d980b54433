import { expect, test } from 'vitest';
import { engineError } from '../../../src/docker/errors.ts';

test.each([
  ['EACCES', 'you may not use its socket'],
  ['ENOENT', 'nothing listens there'],
  ['ECONNREFUSED', 'nothing listens there'],
])('%s is told as: %s', (code, words) => {
  const error = engineError('unix:///var/run/docker.sock', Object.assign(new Error(`connect ${code}`), { code }));
  expect([error.code, error.message]).toEqual([
    'DOCKER_UNREACHABLE',
    `No Docker Engine answers unix:///var/run/docker.sock: ${words}.`,
  ]);
});

test('an answer of the engine keeps its words', () => {
  const answer = Object.assign(new Error('(HTTP code 500) server error'), {
    statusCode: 500,
    json: { message: 'no space left' },
  });
  const error = engineError('x', answer);
  expect([error.code, error.message]).toEqual(['BUILD_FAILED', 'The Docker Engine refused: no space left']);
});

test('and so does one to a request for a stream, whose words are in the text of the library only', () => {
  const text = '(HTTP code 400) bad parameter - dockerfile parse error line 2: unknown instruction: FOO ';
  const error = engineError('x', Object.assign(new Error(text), { statusCode: 400, json: null }));
  expect(error.message).toBe('The Docker Engine refused: dockerfile parse error line 2: unknown instruction: FOO');
});

test('a full disk of the engine names the command that makes room', () => {
  const answer = Object.assign(new Error('(HTTP code 500) server error'), {
    statusCode: 500,
    json: { message: 'write /var/lib/docker/tmp/x: no space left on device' },
  });
  expect(engineError('x', answer).hint).toMatch(/devspace cleanup images$/);
});
