import { cpSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { place } from './command-line.ts';

const quickstart = path.resolve(import.meta.dirname, '../../../docs/examples/quickstart');

/**
 * What DevSpace 6.3.21 makes of the quickstart. It was not recorded but derived, key by key, from what the original
 * prints for `examples/microservices` of its own repository, which is the same kind of file (v1beta2, `kubectl`
 * manifests, `overrideImages`, `ports`, `sync`, `terminal`), with the names, labels and paths of ours:
 * - one pipeline per command, with `--sequential` for deployments; `dev` has an empty line before `start_dev`
 * - images get `rebuildStrategy: default`, and without pull secrets `createPullSecret: false`
 * - services of one selector become one entry, named after the first of them: `ports-0`
 * - its selector stands there as labels; sync polls and does not wait; the terminal replaces nothing; no restart helper
 * - the upgrade writes down the `.env` file; `overrideImages` has no place in the newest version
 */
const original = {
  version: 'v2beta1',
  name: 'quickstart',
  pipelines: {
    build: { run: 'build_images default' },
    deploy: { run: 'build_images default\ncreate_deployments quickstart --sequential' },
    dev: { run: 'build_images default\ncreate_deployments quickstart --sequential\n\nstart_dev --all' },
    purge: { run: 'stop_dev --all\npurge_deployments quickstart --sequential' },
  },
  images: {
    default: { image: 'localhost:5000/quickstart/app', rebuildStrategy: 'default', createPullSecret: false },
  },
  deployments: { quickstart: { kubectl: { manifests: ['kube'] } } },
  dev: {
    'ports-0': {
      labelSelector: { app: 'quickstart' },
      ports: [{ port: '3000' }],
      sync: [{ path: '.:/app', excludePaths: ['node_modules/'], waitInitialSync: false, polling: true }],
      terminal: { enabled: true, disableReplace: true, disableScreen: true },
      restartHelper: { inject: false },
    },
  },
  vars: { DEVSPACE_ENV_FILE: { value: '.env', alwaysResolve: false } },
};

const file = `version: v2beta1
name: shop
vars:
  TAG: v1
images:
  app:
    image: me/app
    tags: ["\${TAG}"]
profiles:
  - name: production
    patches:
      - op: replace
        path: images.app.image
        value: me/production
  - name: ci
    activation:
      - env: { CI: "true" }
    merge:
      images: { app: { image: me/ci } }
`;

describe('print', () => {
  test('shows the quickstart as the original does; stdout is only the data', async () => {
    const project = place();
    const root = path.join(project.root, 'quickstart');
    cpSync(quickstart, root, { recursive: true });
    const config = ['--config', path.join(root, 'devspace.yaml')];
    const { exitCode, stdout, stderr } = await project.devspace('print', '--skip-info', ...config);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(load(stdout)).toEqual(original);
    expect(stdout).toMatch(/^version: v2beta1\nname: quickstart\n/);
    const json = await project.devspace('print', '--output', 'json', ...config);
    expect(JSON.parse(json.stdout)).toEqual(original);
  });

  test('tells the variables and the path of the file on stderr', async () => {
    const project = place({ 'devspace.yaml': file });
    const { stdout, stderr } = await project.devspace('print');
    expect(stderr).toContain(`Loaded ${path.join(project.root, 'devspace.yaml')}`);
    expect(stderr).toMatch(/TAG +v1 +value +images\.app\.tags\.0/);
    expect(stdout).not.toContain('Loaded');
  });

  test.each([
    ['written', 'me/app', '${TAG}'],
    ['profiles', 'me/production', '${TAG}'],
    ['variables', 'me/production', 'v1'],
    ['upgraded', 'me/production', 'v1'],
  ])('at the stage %s the image is %s', async (stage, image, tag) => {
    const project = place({ 'devspace.yaml': file });
    const { stdout } = await project.devspace('print', '-p', 'production', '--stage', stage);
    expect(load(stdout)).toMatchObject({ images: { app: { image, tags: [tag] } } });
  });

  test('at the last stage everything is complete', async () => {
    const project = place({ 'devspace.yaml': file });
    const { stdout } = await project.devspace('print', '--stage', 'resolved');
    expect(load(stdout)).toMatchObject({
      projectRoot: project.root,
      images: [{ name: 'app', image: 'me/app', dockerfile: path.join(project.root, 'Dockerfile'), skipPush: false }],
    });
  });

  test('--explain names place, profile and variables of a value', async () => {
    const project = place({ 'devspace.yaml': file });
    const tag = await project.devspace('print', '--explain', 'images.app.tags[0]');
    expect(tag).toMatchObject({ exitCode: 0, stderr: '' });
    expect(tag.stdout).toBe(
      'images.app.tags[0]: v1\n  place     devspace.yaml:8:12\n  written   ${TAG}\n  variable  TAG = v1 (value)\n',
    );
    const image = await project.devspace('print', '-p', 'production', '--explain', 'images.app.image', '-o', 'json');
    expect(JSON.parse(image.stdout)).toMatchObject({ value: 'me/production', profile: 'production', line: 14 });
    const missing = await project.devspace('print', '--explain', 'images.app.tag');
    expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
    expect(missing.stderr).toContain('images.app.tag is not set');
  });

  test('profiles that switch themselves on can be kept off', async () => {
    const project = place({ 'devspace.yaml': file });
    const env = { CI: 'true' };
    const on = await project.devspaceWith(env, 'print');
    expect(load(on.stdout)).toMatchObject({ images: { app: { image: 'me/ci' } } });
    const off = await project.devspaceWith(env, 'print', '--disable-profile-activation');
    expect(load(off.stdout)).toMatchObject({ images: { app: { image: 'me/app' } } });
  });

  test.each([
    [['--output', 'xml'], 'yaml, json'],
    [['--stage', 'done'], 'written, profiles'],
  ])('refuses %j and says what is allowed', async (words, allowed) => {
    const project = place({ 'devspace.yaml': file });
    const { exitCode, stderr } = await project.devspace('print', ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(allowed);
  });
});

describe('print --dependency', () => {
  const files = {
    'devspace.yaml': 'version: v2beta1\ndependencies:\n  api: { path: ./api }\n',
    'api/devspace.yaml': 'version: v2beta1\nimages:\n  api: { image: me/api }\ndependencies:\n  db: { path: ../db }\n',
    'db/devspace.yaml': 'version: v2beta1\nimages:\n  db: { image: me/db }\n',
  };

  test.each([
    ['api', 'me/api'],
    ['api.db', 'me/db'],
  ])('%s shows %s', async (name, image) => {
    const { exitCode, stdout } = await place(files).devspace('print', '--skip-info', '--dependency', name);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`image: ${image}`);
  });

  test('an unknown one is told what there is', async () => {
    const { exitCode, stderr } = await place(files).devspace('print', '--dependency', 'api.bd');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Dependencies: db.');
  });
});

describe('require', () => {
  const needs = (require: string): string => `version: v2beta1\nrequire:\n${require}`;

  test.each([['print'], ['list commands'], ['set var A=1'], ['build'], ['purge']])(
    'is compared by %s',
    async (words) => {
      const project = place({ 'devspace.yaml': needs('  devspace: ">= 99.0.0"\n') });
      const { exitCode, stderr } = await project.devspace(...words.split(' '));
      expect(exitCode).toBe(2);
      expect(stderr).toContain('DevSpace >= 99.0.0 is required');
      expect(stderr).toContain('CONFIG_REQUIRE');
    },
  );

  test('of DevSpace 6 is fulfilled; a missing program is named', async () => {
    const project = place({ 'devspace.yaml': needs('  devspace: ">= 6.0.0"\n') });
    expect(await project.devspace('print')).toMatchObject({ exitCode: 0 });
    project.write('devspace.yaml', needs('  commands:\n  - name: no-such-program\n    version: ">= 1.0.0"\n'));
    const { exitCode, stderr } = await project.devspace('print');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no-such-program');
  });
});
