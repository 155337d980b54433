import { describe, expect, test } from 'vitest';
import { type CommandOverride, overrideCommand } from '../../../src/build/dockerfile.ts';
import { thrownBy } from '../../helpers/error-of.ts';

const sleep = ['sleep', '9999999'];
const entrypoint = 'ENTRYPOINT ["sleep","9999999"]';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly override?: CommandOverride;
  readonly expected: string;
}

const cases: readonly Case[] = [
  { name: 'a plain file', text: 'FROM a\nCMD ["x"]\n', expected: `FROM a\nCMD ["x"]\n${entrypoint}\n` },
  { name: 'no line end at the end', text: 'FROM a', expected: `FROM a\n${entrypoint}\n` },
  { name: 'CRLF', text: 'FROM a\r\nCMD x\r\n', expected: `FROM a\r\nCMD x\r\n${entrypoint}\r\n` },
  { name: 'CRLF without an end', text: 'FROM a\r\nCMD x', expected: `FROM a\r\nCMD x\r\n${entrypoint}\r\n` },
  { name: 'lower case', text: 'from a as b\nfrom b\ncmd x\n', expected: `from a as b\nfrom b\ncmd x\n${entrypoint}\n` },
  {
    name: 'an own entrypoint, which then no longer counts',
    text: 'FROM a\nENTRYPOINT ["node"]\nCMD ["index.js"]\n',
    expected: `FROM a\nENTRYPOINT ["node"]\nCMD ["index.js"]\n${entrypoint}\n`,
  },
  {
    name: 'a heredoc that holds FROM',
    text: '# syntax=docker/dockerfile:1\nFROM a AS one\nRUN <<EOF\nFROM nothing\nEOF\nFROM b\n',
    override: { entrypoint: sleep, target: 'one' },
    expected: `# syntax=docker/dockerfile:1\nFROM a AS one\nRUN <<EOF\nFROM nothing\nEOF\n${entrypoint}\nFROM b\n`,
  },
  {
    name: '# escape',
    text: '# escape=`\nFROM a AS one\nRUN dir `\n  FROM x\nFROM b\n',
    override: { entrypoint: sleep, target: 'one' },
    expected: `# escape=\`\nFROM a AS one\nRUN dir \`\n  FROM x\n${entrypoint}\nFROM b\n`,
  },
  {
    name: 'a continued line that begins with FROM',
    text: 'FROM a AS one\nRUN echo \\\n  FROM x\nFROM b AS two\n',
    override: { entrypoint: sleep, target: 'one' },
    expected: `FROM a AS one\nRUN echo \\\n  FROM x\n${entrypoint}\nFROM b AS two\n`,
  },
  {
    name: 'a target in the middle',
    text: 'FROM a AS base\nFROM base AS dev\nCMD x\n\n# the end\nFROM base AS prod\n',
    override: { entrypoint: sleep, target: 'dev' },
    expected: `FROM a AS base\nFROM base AS dev\nCMD x\n\n# the end\n${entrypoint}\nFROM base AS prod\n`,
  },
  {
    name: 'a target in other letters',
    text: 'FROM a AS Dev\nFROM b\n',
    override: { entrypoint: sleep, target: 'dEV' },
    expected: `FROM a AS Dev\n${entrypoint}\nFROM b\n`,
  },
  {
    name: 'a target by number',
    text: 'FROM a\nFROM b\n',
    override: { entrypoint: sleep, target: '0' },
    expected: `FROM a\n${entrypoint}\nFROM b\n`,
  },
  {
    name: 'the last stage as target',
    text: 'FROM a\nFROM b AS last\nCMD x',
    override: { entrypoint: sleep, target: 'last' },
    expected: `FROM a\nFROM b AS last\nCMD x\n${entrypoint}\n`,
  },
  { name: 'an ARG before FROM', text: 'ARG V=1\nFROM a:${V}\n', expected: `ARG V=1\nFROM a:\${V}\n${entrypoint}\n` },
  {
    name: 'CRLF and a target',
    text: 'FROM a AS one\r\nCMD x\r\nFROM b\r\n',
    override: { entrypoint: sleep, target: 'one' },
    expected: `FROM a AS one\r\nCMD x\r\n${entrypoint}\r\nFROM b\r\n`,
  },
  {
    name: 'an empty entrypoint, which clears it',
    text: 'FROM a\n',
    override: { entrypoint: [] },
    expected: 'FROM a\nENTRYPOINT []\n',
  },
  { name: 'an empty cmd', text: 'FROM a\n', override: { cmd: [] }, expected: 'FROM a\nCMD []\n' },
  {
    name: 'both',
    text: 'FROM a\n',
    override: { entrypoint: sleep, cmd: ['x'] },
    expected: `FROM a\n${entrypoint}\nCMD ["x"]\n`,
  },
  {
    name: 'words with quotes and backslashes',
    text: 'FROM a\n',
    override: { entrypoint: ['sh', '-c', 'echo "a\\b" $HOME'] },
    expected: 'FROM a\nENTRYPOINT ["sh","-c","echo \\"a\\\\b\\" $HOME"]\n',
  },
];

test.each(cases)('$name', ({ text, override = { entrypoint: sleep }, expected }) => {
  expect(overrideCommand(text, override)).toBe(expected);
});

describe('without an override', () => {
  test.each([{}, { target: 'dev' }])('%j every byte stays', (override) => {
    const text = 'FROM a AS dev\r\nCMD x\n\n\t \nFROM b';
    expect(overrideCommand(text, override)).toBe(text);
  });
});

test('a stage that is not there is BUILD_FILE with those that are', () => {
  const error = thrownBy(() => overrideCommand('FROM a AS base\nFROM base AS dev\n', { cmd: ['x'], target: 'test' }));
  expect([error.code, error.message, error.hint]).toEqual([
    'BUILD_FILE',
    'The Dockerfile has no stage test.',
    'Its named stages are: base, dev.',
  ]);
});

test('lines of the configuration come at the end of the stage, before the override', () => {
  const override = { appendInstructions: ['USER node', 'ENV A=b'], cmd: ['x'], target: 'dev' };
  expect(overrideCommand('FROM a AS dev\nRUN b\nFROM c\n', override)).toBe(
    'FROM a AS dev\nRUN b\nUSER node\nENV A=b\nCMD ["x"]\nFROM c\n',
  );
});
