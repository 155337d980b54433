import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadDependencies } from '../../../../src/config/dependencies.ts';
import { failure, projectFolder } from '../project-folder.ts';

const main = (imports: string, more = ''): string =>
  `version: v2beta1\nname: demo\nvars:\n  KIND: plain\nimports:\n${imports}\nimages:\n  app:\n    image: me/app\n${more}`;

const part =
  'version: v2beta1\nvars:\n  TAG: imported\nimages:\n  app:\n    image: other/app\n  db:\n    image: me/db\n    tags: ["${TAG}"]\nhooks:\n- events: [before:deploy]\n  command: echo\n';

/** A git repository with one commit of the files. */
function repository(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  return folder;
}

describe('imports', () => {
  test('bring sections of another file; what the file has itself wins', async () => {
    const project = projectFolder({ 'devspace.yaml': main('- path: part.yaml'), 'part.yaml': part });
    const { config, model } = await project.load();
    expect(config.images.map(({ name, image, tags }) => [name, image, ...tags])).toEqual([
      ['app', 'me/app'],
      ['db', 'me/db', 'imported'],
    ]);
    expect(model.hooks).toHaveLength(1);
  });

  test('a mistake in an imported file points into it', async () => {
    const project = projectFolder({
      'devspace.yaml': main('- path: parts'),
      'parts/devspace.yaml': part.replace('tags:', 'tgas:'),
    });
    expect((await failure(project.load())).message).toMatch(/parts\/devspace.yaml:9:5: images.db.tgas: unknown key/);
  });

  test('may be switched off by a command with variables', async () => {
    const imports = '- path: part.yaml\n  enabled: $(is_equal ${KIND} other)\n- path: ${KIND}.yaml';
    const project = projectFolder({ 'devspace.yaml': main(imports), 'plain.yaml': part.replaceAll('db', 'plain') });
    expect((await project.load()).config.images.map(({ name }) => name)).toEqual(['app', 'plain']);
  });

  test('of imports count, from their own folder, and circles end', async () => {
    const project = projectFolder({
      'devspace.yaml': main('- path: a'),
      'a/devspace.yaml': 'version: v2beta1\nimports:\n- path: ../b/x.yaml\n',
      'b/x.yaml': 'version: v2beta1\nimports:\n- path: ../a\nimages:\n  b:\n    image: b\n',
    });
    expect((await project.load()).config.images.map(({ name }) => name)).toEqual(['app', 'b']);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a missing file', {}, /devspace.yaml:6:3: the file part.yaml that is named here does not exist/],
    [
      'another version',
      { 'part.yaml': 'version: v1beta11\n' },
      /devspace.yaml:6:3: imports\[0\]: .*has the version v1beta11/,
    ],
    ['no version', { 'part.yaml': 'name: x\n' }, /has no version/],
    ['a list', { 'part.yaml': '- a\n' }, /has no map of keys and values/],
  ])('%s is an error with its place', async (_, files, message) => {
    const error = await failure(projectFolder({ 'devspace.yaml': main('- path: part.yaml'), ...files }).load());
    expect(error).toMatchObject({ code: 'CONFIG_IMPORT', message: expect.stringMatching(message) });
  });

  test('come from git, are kept, and work without a network', async () => {
    const project = projectFolder();
    const origin = repository(path.join(project.home, '..', 'origin'), { 'sub/devspace.yaml': part });
    project.write('devspace.yaml', main(`- git: file://${origin}\n  subPath: sub\n  branch: main`));
    expect((await project.load()).config.images.map(({ name }) => name)).toEqual(['app', 'db']);
    const cache = path.join(project.home, '.devspace', 'dependencies');
    expect(readdirSync(cache)).toHaveLength(1);
    rmSync(origin, { recursive: true });
    const offline = await project.load();
    expect(offline.config.images.map(({ name }) => name)).toEqual(['app', 'db']);
    expect(offline.warnings).toEqual([expect.stringContaining('the earlier clone is used')]);
  });

  test('from git bring what is new', async () => {
    const project = projectFolder();
    const origin = repository(path.join(project.home, '..', 'origin'), { 'devspace.yaml': part });
    project.write('devspace.yaml', main(`- git: file://${origin}`));
    await project.load();
    repository(origin, { 'devspace.yaml': part.replaceAll('db', 'mysql') });
    expect((await project.load()).config.images.map(({ name }) => name)).toEqual(['app', 'mysql']);
  });

  test('a repository that cannot be cloned leaves nothing behind', async () => {
    const project = projectFolder();
    project.write('devspace.yaml', main(`- git: file://${project.home}/nowhere`));
    expect(await failure(project.load())).toMatchObject({
      code: 'CONFIG_IMPORT',
      message: expect.stringContaining('cannot be cloned'),
    });
    const cache = path.join(project.home, '.devspace', 'dependencies');
    expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  });

  test('come from an address, and from the copy when the server is gone', async () => {
    const server = createServer((_, response) => void response.end(part)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const project = projectFolder({ 'devspace.yaml': main(`- path: http://127.0.0.1:${port}/devspace.yaml`) });
    expect((await project.load()).config.images).toHaveLength(2);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const offline = await project.load();
    expect(offline.config.images).toHaveLength(2);
    expect(offline.warnings).toEqual([expect.stringContaining('the earlier copy is used')]);
  });

  test('a profile may have a parent in another file', async () => {
    const project = projectFolder({
      'devspace.yaml':
        'version: v1beta11\nimages:\n  app:\n    image: a\nprofiles:\n- name: p\n  parents:\n  - source: {path: other}\n    profile: theirs\n',
      'other/devspace.yaml':
        'version: v1beta11\nprofiles:\n- name: theirs\n  patches:\n  - op: replace\n    path: images.app.image\n    value: b\n',
    });
    expect((await project.load({ profiles: ['p'] })).config.images[0]?.image).toBe('b');
  });
});

describe('dependencies', () => {
  const child =
    'version: v2beta1\nname: child\nvars:\n  TAG:\n    default: own\nimages:\n  app:\n    image: child/app\n    tags: ["${TAG}"]\nprofiles:\n- name: fast\n  patches:\n  - op: replace\n    path: images.app.image\n    value: child/fast\n';
  const ignore = (): void => {};
  const options = (project: ReturnType<typeof projectFolder>): Parameters<typeof loadDependencies>[1] => ({
    cwd: project.root,
    env: { HOME: project.home, PATH: process.env.PATH },
    signal: new AbortController().signal,
  });

  test('are loaded with the variables and profiles that the file gives them', async () => {
    const project = projectFolder({
      'devspace.yaml':
        'version: v2beta1\nname: demo\ndependencies:\n  one:\n    path: ../child\n    vars:\n      TAG: given\n    profiles: [fast]\n    namespace: theirs\n  off:\n    path: ../missing\n    disabled: true\n',
      '../child/devspace.yaml': child,
    });
    const [one, ...rest] = await loadDependencies(await project.load(), options(project), ignore);
    expect(rest).toEqual([]);
    expect(one).toMatchObject({ name: 'one', namespace: 'theirs', pipeline: 'deploy', dependencies: [] });
    expect(one?.project.config.images[0]).toMatchObject({ image: 'child/fast', tags: ['given'] });
  });

  test('of dependencies are loaded too, and circles are named and end', async () => {
    const project = projectFolder({
      'devspace.yaml': 'version: v2beta1\nname: demo\ndependencies:\n  one:\n    path: ../child\n',
      '../child/devspace.yaml': `${child}dependencies:\n  two:\n    path: ../second\n`,
      '../second/devspace.yaml': 'version: v2beta1\nname: second\ndependencies:\n  back:\n    path: ../child\n',
    });
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    const [one] = await loadDependencies(await project.load(), options(project), warn);
    expect(warnings).toMatchObject([expect.stringMatching(/devspace.yaml:5:5: .*circle \(one → two → back\)/)]);
    expect(one?.dependencies).toMatchObject([{ name: 'two', dependencies: [] }]);
  });

  test('a mistake names the dependency', async () => {
    const project = projectFolder({
      'devspace.yaml': 'version: v2beta1\nname: demo\ndependencies:\n  one:\n    path: ../child\n',
      '../child/devspace.yaml': child.replace('images:', 'imges:'),
    });
    const error = await failure(project.load().then((loaded) => loadDependencies(loaded, options(project), ignore)));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/devspace.yaml:5:5: dependency one: .*imges/),
    });
  });
});
