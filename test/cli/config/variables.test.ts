import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { place } from './command-line.ts';

const file = `version: v2beta1
name: shop
vars:
  REGISTRY: localhost:5000
  TAG:
    question: Which tag?
  PASSWORD:
    question: The password
    password: true
  SIZE:
    default: small
    options: [small, large]
images:
  app:
    image: \${REGISTRY}/shop
    tags: ["\${TAG}"]
    buildArgs:
      PASSWORD: \${PASSWORD}
      URL: https://me:\${PASSWORD}@example.com
`;

describe('set var, list vars, reset vars', () => {
  test('an answer can be given without a terminal, is used, and can be forgotten', async () => {
    const project = place({ 'devspace.yaml': file });
    const before = await project.devspace('print', '--skip-info');
    expect(before).toMatchObject({ exitCode: 2, stdout: '' });
    expect(before.stderr).toContain('TAG has no value');
    expect(before.stderr).toContain('--var TAG=');

    expect(await project.devspace('set', 'var', 'TAG=a=b', 'PASSWORD=hunter2x')).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
    const after = await project.devspace('print', '--skip-info');
    expect(after.exitCode).toBe(0);
    expect(after.stdout).toContain('- a=b');

    expect(await project.devspace('reset', 'vars', 'TAG')).toMatchObject({ exitCode: 0, stdout: '' });
    expect((await project.devspace('print')).stderr).toContain('TAG has no value');
  });

  test('--overwrite=false keeps what is saved', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'TAG=first');
    const kept = await project.devspace('set', 'var', 'TAG=second', 'PASSWORD=hunter2x', '--overwrite=false');
    expect(kept).toMatchObject({ exitCode: 0, stdout: '' });
    expect(kept.stderr).toMatch(/Kept the saved TAG[^]*Saved PASSWORD/);
    expect((await project.devspace('list', 'vars', '-o', 'keyvalue')).stdout).toMatch(/^TAG=first$/m);
    await project.devspace('set', 'var', 'TAG=third', '--overwrite');
    expect((await project.devspace('list', 'vars', '-o', 'keyvalue')).stdout).toMatch(/^TAG=third$/m);
  });

  test('passwords are never shown and not saved in clear text', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'TAG=1', 'PASSWORD=hunter2x');
    const lines = [
      await project.devspace('print'),
      await project.devspace('print', '--output', 'json', '--debug'),
      await project.devspace('print', '--stage', 'resolved'),
      await project.devspace('print', '--stage', 'variables'),
      await project.devspace('print', '--explain', 'images.app.buildArgs'),
      await project.devspace('list', 'vars'),
      await project.devspace('list', 'vars', '-o', 'json'),
      await project.devspace('list', 'vars', '-o', 'keyvalue'),
    ];
    for (const { exitCode, stdout, stderr } of lines) {
      expect(exitCode).toBe(0);
      expect(stdout).toContain('***');
      expect(stdout + stderr).not.toContain('hunter2x');
    }
    const state = path.join(project.root, '.devspace', 'state.json');
    expect(project.read('.devspace/state.json')).not.toContain('hunter2x');
    expect(statSync(state).mode & 0o777).toBe(0o600);
  });

  test('a short password is masked where it stands alone, also when it looks like a number', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'TAG=1', 'PASSWORD=12');
    const { stdout } = await project.devspace('print', '--stage', 'variables', '--output', 'json');
    const { images } = JSON.parse(stdout) as { images: { app: { buildArgs: { PASSWORD: unknown } } } };
    expect(images.app.buildArgs.PASSWORD).toBe('***');
  });

  test('list vars says where values came from and who uses them, and lists what is not set', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'SIZE=large');
    const { exitCode, stdout, stderr } = await project.devspace('list', 'vars', '--var', 'REGISTRY=ghcr.io');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'VARIABLE   VALUE     FROM           USED BY',
      'PASSWORD             not set        images.app.buildArgs.PASSWORD, images.app.buildArgs.URL',
      'REGISTRY   ghcr.io   flag           images.app.image',
      'SIZE       large     saved answer',
      'TAG                  not set        images.app.tags.0',
      '',
    ]);
    expect(stderr).toContain('the variable TAG has no value');
    const json = await project.devspace('list', 'vars', '--output', 'json');
    expect(JSON.parse(json.stdout)).toContainEqual({
      name: 'REGISTRY',
      value: 'localhost:5000',
      origin: 'value',
      line: 4,
      usedBy: ['images.app.image'],
    });
  });

  test('--no-warn hides the warnings', async () => {
    const project = place({ 'devspace.yaml': file });
    const { stderr } = await project.devspace('list', 'vars', '--no-warn');
    expect(stderr).toBe('');
  });

  test('nothing is saved if one answer is wrong', async () => {
    const project = place({ 'devspace.yaml': file });
    const { exitCode, stderr } = await project.devspace('set', 'var', 'TAG=1', 'SIZE=huge');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('choose one of small, large');
    expect(project.has('.devspace/state.json')).toBe(false);
  });

  test.each([
    ['a variable that is not defined', ['TGA=1'], 'Did you mean TAG?'],
    ['an answer without a name', ['=1'], 'NAME=VALUE'],
    ['an answer without a value', ['TAG'], 'NAME=VALUE'],
  ])('set var refuses %s', async (_, words, message) => {
    const project = place({ 'devspace.yaml': file });
    const { exitCode, stderr } = await project.devspace('set', 'var', ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a state that cannot be written is an error of set var, not a lost answer', async () => {
    const project = place({ 'devspace.yaml': file, '.devspace': 'a file where the folder should be' });
    const { exitCode, stderr } = await project.devspace('set', 'var', 'TAG=1');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('STATE_UNWRITABLE');
  });

  test('an answer cannot be saved beside what a newer version saved, and that says what helps', async () => {
    const text = '{"version": 99}';
    const project = place({ 'devspace.yaml': file, '.devspace/state.json': text });
    const { exitCode, stderr } = await project.devspace('set', 'var', 'TAG=1');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/written by a newer DevSpace.*STATE_UNWRITABLE.*use that version, or move the file away/s);
    expect(project.read('.devspace/state.json')).toBe(text);
  });

  test('what is remembered does not show in git status; a folder that was there is left alone', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'TAG=v1');
    expect(project.read('.devspace/.gitignore')).toBe('*\n');
    const theirs = place({ 'devspace.yaml': file, '.devspace/chart.yaml': 'theirs' });
    await theirs.devspace('set', 'var', 'TAG=v1');
    expect(() => theirs.read('.devspace/.gitignore')).toThrow('ENOENT');
  });

  test('a damaged state is told once, and kept under another name', async () => {
    const project = place({ 'devspace.yaml': file, '.devspace/state.json': '{"version": ' });
    const { exitCode, stderr } = await project.devspace('set', 'var', 'TAG=v1');
    expect(exitCode).toBe(0);
    expect(stderr.match(/is damaged and is not used/g)).toHaveLength(1);
    expect(stderr).toMatch(/kept as \S+state\.json\.damaged-/);
  });

  test('reset vars forgets everything, also when the file is broken, and names what is unknown', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('set', 'var', 'TAG=1', 'SIZE=large');
    const unknown = await project.devspace('reset', 'vars', 'NOPE');
    expect(unknown).toMatchObject({ exitCode: 2 });
    expect(unknown.stderr).toContain('Saved answers: TAG, SIZE');
    project.write('devspace.yaml', 'version: v2beta1\nimages: [');
    expect(await project.devspace('reset', 'vars')).toMatchObject({ exitCode: 0 });
    project.write('devspace.yaml', file);
    expect((await project.devspace('list', 'vars', '-o', 'keyvalue')).stdout).toBe(
      'REGISTRY=localhost:5000\nSIZE=small\n',
    );
  });
});
