import { describe, expect, test } from 'vitest';
import { withRestartHelper } from '../../../src/build/restart-helper.ts';
import { restartHelper } from '../../../src/core/restart-helper.ts';
import { thrownBy } from '../../helpers/error-of.ts';

const after = (dockerfile: string, override = {}) => {
  const { entrypoint = [], ...rest } = withRestartHelper(dockerfile, override);
  expect(entrypoint.slice(0, restartHelper.length)).toEqual(restartHelper);
  return { program: entrypoint.slice(restartHelper.length), ...rest };
};

describe('the program that the restart helper starts', () => {
  test.each([
    ['its ENTRYPOINT', 'FROM a\nENTRYPOINT ["node", "a b.js"]\nCMD ["--x"]\n', ['node', 'a b.js']],
    ['the last one', 'FROM a\nENTRYPOINT ["one"]\nENTRYPOINT ["two"]\n', ['two']],
    ['a line for the shell', 'FROM a\nENTRYPOINT exec node $ARGS\n', ['/bin/sh', '-c', 'exec node $ARGS']],
    ['CMD alone comes after it', 'FROM a\nCMD npm start\n', []],
    ['not that of another stage', 'FROM a AS b\nENTRYPOINT ["b"]\nFROM c\nCMD ["c"]\n', []],
  ])('%s', (_name, dockerfile, program) => {
    expect(after(dockerfile)).toEqual({ program });
  });

  test('of the stage that is built', () => {
    const dockerfile = 'FROM a AS one\nENTRYPOINT ["1"]\nFROM b\nENTRYPOINT ["2"]\n';
    expect(after(dockerfile, { target: 'one' })).toEqual({ program: ['1'], target: 'one' });
  });

  test('what the configuration says goes first; an empty entrypoint leaves CMD', () => {
    const dockerfile = 'FROM a\nENTRYPOINT ["1"]\n';
    expect(after(dockerfile, { entrypoint: ['x'], cmd: ['y'] })).toEqual({ program: ['x'], cmd: ['y'] });
    expect(after(dockerfile, { entrypoint: [], cmd: ['y'] })).toEqual({ program: [], cmd: ['y'] });
  });

  test('that nobody knows is an error', () => {
    expect(thrownBy(() => withRestartHelper('FROM a\n', {}))).toMatchObject({ code: 'BUILD_FILE' });
  });
});
