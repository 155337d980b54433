import { describe, expect, test } from 'vitest';
import { separateOwnArguments } from '../../../src/cli/own-arguments.ts';

describe('separateOwnArguments', () => {
  test.each([
    ['run test', 'run -- test'],
    ['run test --debug -x', 'run -- test --debug -x'],
    ['run test -- a', 'run -- test -- a'],
    ['-n a run test -n b', '-n a run -- test -n b'],
    ['--var=A=1 --debug run -p x test', '--var=A=1 --debug run -p x -- test'],
    ['--kube-context run run test', '--kube-context run run -- test'],
    ['run', 'run'],
    ['run --help', 'run --help'],
    ['run -- test', 'run -- test'],
    ['dev run test', 'dev run test'],
    ['enter -- run x', 'enter -- run x'],
    ['-- run test', '-- run test'],
    ['enter -p', 'enter --pick'],
    ['logs -f -p', 'logs -f --pick'],
    ['-n a enter -p -- ls -p', '-n a enter --pick -- ls -p'],
    ['enter -p -c app', 'enter --pick -c app'],
    ['enter -p staging', 'enter -p staging'],
    ['dev -p', 'dev -p'],
  ])('%s → %s', (typed, expected) => {
    expect(separateOwnArguments(typed.split(' '))).toEqual(expected.split(' '));
  });
});
