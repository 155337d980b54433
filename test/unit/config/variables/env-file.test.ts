import { expect, test } from 'vitest';
import { fitsSystem } from '../../../../src/config/variables/definition.ts';
import { parseEnvFile } from '../../../../src/config/variables/env-file.ts';

test.each<[string, Record<string, string>]>([
  ['A=1\nB=two words\n', { A: '1', B: 'two words' }],
  ['export A=1 # comment\n# B=2\n\n', { A: '1' }],
  ['A="x # y"\nB=\'$A "q"\'\n', { A: 'x # y', B: '$A "q"' }],
  ['A="one\\ntwo"\nB=one\\ntwo\n', { A: 'one\ntwo', B: 'one\\ntwo' }],
  ['A=http://x#y\nB=a#b #c\n', { A: 'http://x#y', B: 'a#b' }],
  ['A = 1\r\nB: 2\r\nC=\r\n', { A: '1', B: '2', C: '' }],
  ['A=x\nB=${A}/y\nC="${A}${NONE}"\n', { A: 'x', B: 'x/y', C: 'x${NONE}' }],
  ['no line of that kind\n=x\n', {}],
])('reads %j', (text, values) => expect(parseEnvFile(text)).toEqual(values));

test.each<[string, NodeJS.Platform, boolean]>([
  ['', 'linux', true],
  ['linux', 'linux', true],
  ['darwin, linux', 'linux', true],
  ['windows', 'win32', true],
  ['darwin', 'linux', false],
])('%j fits %s: %s', (os, platform, fits) => expect(fitsSystem(os, platform)).toBe(fits));
