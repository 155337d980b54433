import { describe, expect, test } from 'vitest';
import { place } from './command-line.ts';

const file = `version: v1beta11
images:
  app: { image: me/app }
profiles:
  - name: staging
    description: The common one
    patches: [{ op: replace, path: images.app.image, value: me/staging }]
  - name: production
    patches: [{ op: replace, path: images.app.image, value: me/production }]
`;

describe('profiles', () => {
  test('one that is used is applied until it is reset; a flag counts before it', async () => {
    const project = place({ 'devspace.yaml': file });
    const used = await project.devspace('use', 'profile', 'staging');
    expect(used).toMatchObject({ exitCode: 0, stdout: '' });
    expect((await project.devspace('print')).stdout).toContain('image: me/staging');
    expect((await project.devspace('print', '-p', 'production')).stdout).toContain('image: me/production');
    expect((await project.devspace('list', 'profiles')).stdout).toBe(
      'NAME         ACTIVE   DESCRIPTION\nstaging      yes      The common one\nproduction\n',
    );
    expect(await project.devspace('use', 'profile', '--reset')).toMatchObject({ exitCode: 0 });
    expect((await project.devspace('print')).stdout).toContain('image: me/app');
  });

  test('an unknown one is refused, and without a terminal the name must be given', async () => {
    const project = place({ 'devspace.yaml': file });
    const unknown = await project.devspace('use', 'profile', 'stagin');
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('Did you mean staging?');
    const unnamed = await project.devspace('use', 'profile');
    expect(unnamed.exitCode).toBe(2);
    expect(unnamed.stderr).toContain('devspace use profile NAME');
    expect(unnamed.stderr).toContain('staging, production');
  });

  test('one that is used and gone can still be listed away and replaced', async () => {
    const project = place({ 'devspace.yaml': file });
    await project.devspace('use', 'profile', 'staging');
    project.write('devspace.yaml', file.replaceAll('staging', 'preview'));
    expect(await project.devspace('print')).toMatchObject({ exitCode: 2 });
    const { exitCode, stdout, stderr } = await project.devspace('list', 'profiles', '-o', 'json');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('The profile staging that is in use is not in the file');
    expect(JSON.parse(stdout)).toEqual([
      { name: 'preview', active: false, description: 'The common one' },
      { name: 'production', active: false, description: '' },
    ]);
    expect(await project.devspace('use', 'profile', 'preview')).toMatchObject({ exitCode: 0 });
    expect((await project.devspace('print')).stdout).toContain('image: me/preview');
  });

  test('an unknown profile of the command line stays an error', async () => {
    const project = place({ 'devspace.yaml': file });
    expect(await project.devspace('list', 'profiles', '-p', 'nope')).toMatchObject({ exitCode: 2 });
  });
});

describe('named configurations', () => {
  const configs = `production:
  config: { path: production.yaml }
  overrides:
    - data: { images: { app: { image: me/overridden } } }
test:
  config:
    data: { version: v1beta2, images: { app: { image: me/test } } }
  vars:
    - name: X
`;
  const files = {
    'devspace-configs.yaml': configs,
    'production.yaml': 'version: v1beta2 # kept\nimages:\n  app:\n    image: me/production\n',
  };

  test('can be listed and chosen before one is selected', async () => {
    const project = place(files);
    const before = await project.devspace('print');
    expect(before.exitCode).toBe(2);
    expect(before.stderr).toContain('devspace use config');
    expect((await project.devspace('list', 'configs')).stdout).toBe(
      'NAME         ACTIVE   PATH              VARS   OVERRIDES\n' +
        'production            production.yaml          1\n' +
        'test                                    yes    0\n',
    );
    expect(await project.devspace('use', 'config', 'production')).toMatchObject({ exitCode: 0 });
    expect((await project.devspace('print')).stdout).toContain('image: me/overridden');
    expect((await project.devspace('list', 'configs')).stdout).toMatch(/^production +yes/m);
    expect(await project.devspace('use', 'config', '--reset')).toMatchObject({ exitCode: 0 });
    expect(await project.devspace('print')).toMatchObject({ exitCode: 2 });
  });

  test('an unknown one is refused', async () => {
    const { exitCode, stderr } = await place(files).devspace('use', 'config', 'tset');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean test?');
  });

  test('changes go into the base of the chosen one, never into its overrides', async () => {
    const project = place(files);
    await project.devspace('use', 'config', 'production');
    expect(await project.devspace('add', 'image', 'web', '--image', 'me/web')).toMatchObject({ exitCode: 0 });
    expect(project.read('devspace-configs.yaml')).toBe(configs);
    expect(project.read('production.yaml')).toBe(`${files['production.yaml']}  web:\n    image: me/web\n`);
    await project.devspace('use', 'config', 'test');
    const inline = await project.devspace('add', 'image', 'web', '--image', 'me/web');
    expect(inline.exitCode).toBe(2);
    expect(inline.stderr).toContain('has no file of its own');
  });

  test('a project without them says so', async () => {
    const project = place({ 'devspace.yaml': file });
    const listed = await project.devspace('list', 'configs');
    expect(listed).toMatchObject({ exitCode: 0, stdout: '' });
    expect(listed.stderr).toContain('no devspace-configs.yaml');
    expect((await project.devspace('list', 'configs', '-o', 'json')).stdout).toBe('[]\n');
    expect(await project.devspace('use', 'config', 'x')).toMatchObject({ exitCode: 2 });
  });
});
