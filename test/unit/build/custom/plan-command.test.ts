import { expect, test } from 'vitest';
import { planBuildCommand } from '../../../../src/build/custom/plan-command.ts';
import type { CustomBuild } from '../../../../src/config/types.ts';
import { thrownBy } from '../../../helpers/error-of.ts';

const image = { name: 'web', image: 'localhost:5000/me/web', tag: 'v1' };

function plan(custom: Partial<CustomBuild>, platform: NodeJS.Platform = 'linux') {
  const none = { folder: '/p', commands: [], args: [], appendArgs: [], imageArg: 'none', onChange: [] } as const;
  return planBuildCommand({ ...none, ...custom }, image, platform);
}

test.each<[string, Partial<CustomBuild>, object]>([
  ['a line alone is a script', { command: 'make image' }, { kind: 'shell', script: 'make image' }],
  [
    'the image is an argument after the others',
    { command: './build', args: ['-q'], imageArg: 'image', appendArgs: ['.'] },
    { kind: 'program', program: './build', args: ['-q', 'localhost:5000/me/web:v1', '.'] },
  ],
  [
    'the image has a flag, and only its tag is handed over',
    { command: './build', imageFlag: '--tag', imageArg: 'tag' },
    { kind: 'program', program: './build', args: ['--tag', 'v1'] },
  ],
  [
    'words for the own image are filled in, those of others stay',
    {
      command:
        'b ${runtime.images.web} ${runtime.images.web.tag} ${runtime.images.web.image} ${runtime.images.api.tag}',
    },
    { kind: 'shell', script: 'b localhost:5000/me/web:v1 v1 localhost:5000/me/web ${runtime.images.api.tag}' },
  ],
])('%s', (_what, custom, expected) => {
  expect(plan(custom)).toEqual(expected);
});

test('the command of the system wins over the one for all', () => {
  const custom = {
    command: 'all',
    commands: [
      { command: 'win', os: 'windows' },
      { command: 'unix', os: 'linux, darwin' },
    ],
  };
  expect(plan(custom, 'win32')).toMatchObject({ script: 'win' });
  expect(plan(custom, 'darwin')).toMatchObject({ script: 'unix' });
  expect(plan(custom, 'freebsd')).toMatchObject({ script: 'all' });
});

test('without a command for the system the error names image and system', () => {
  const error = thrownBy(() => plan({ commands: [{ command: 'win', os: 'windows' }] }));
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toBe('custom of image web has no command for linux.');
});
