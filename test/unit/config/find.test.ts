import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findConfig, projectRootOf } from '../../../src/config/find.ts';
import { failure, projectFolder } from './project-folder.ts';

describe('findConfig', () => {
  test('finds the file here and in a folder above', async () => {
    const { root, home } = projectFolder({ 'devspace.yaml': '', 'a/b/c': '' });
    const found = { path: path.join(root, 'devspace.yaml'), kind: 'config' };
    expect(await findConfig({ cwd: root, home })).toEqual(found);
    expect(await findConfig({ cwd: path.join(root, 'a/b'), home })).toEqual(found);
  });

  test('takes the nearest file, and named configurations first', async () => {
    const { root, home } = projectFolder({ 'devspace.yaml': '', 'a/devspace.yaml': '', 'a/devspace-configs.yaml': '' });
    expect(await findConfig({ cwd: path.join(root, 'a'), home })).toEqual({
      path: path.join(root, 'a/devspace-configs.yaml'),
      kind: 'configs',
    });
  });

  test('finds the oldest names, whose project is the folder above', async () => {
    const { root, home } = projectFolder({ '.devspace/config.yaml': '' });
    const found = await findConfig({ cwd: root, home });
    expect(found).toEqual({ path: path.join(root, '.devspace/config.yaml'), kind: 'config' });
    expect(projectRootOf(found.path)).toBe(root);
  });

  test('leaves out the home folder', async () => {
    const { home } = projectFolder();
    writeFileSync(path.join(home, 'devspace.yaml'), '');
    mkdirSync(path.join(home, 'project'));
    expect(await failure(findConfig({ cwd: path.join(home, 'project'), home }))).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
    });
  });

  test('searches nothing when the file is named', async () => {
    const { root, home, write } = projectFolder({ 'devspace.yaml': '' });
    const file = write('other/mine.yaml', '');
    expect(await findConfig({ cwd: root, configPath: 'other/mine.yaml', home })).toEqual({
      path: file,
      kind: 'config',
    });
    expect(await failure(findConfig({ cwd: root, configPath: 'none.yaml', home }))).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: expect.stringContaining('none.yaml'),
    });
  });

  test('a folder with the name of the file is no file', async () => {
    const { root, home } = projectFolder({ 'devspace.yaml/x': '' });
    expect(await failure(findConfig({ cwd: root, home }))).toMatchObject({ code: 'CONFIG_NOT_FOUND' });
  });
});
