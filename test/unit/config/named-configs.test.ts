import { describe, expect, test } from 'vitest';
import { failure, projectFolder } from './project-folder.ts';

const configs = `default:
  config:
    path: devspace.yaml
  vars:
  - name: TAG
    default: one
  overrides:
  - data:
      images:
        app:
          tag: \${TAG}
      deployments:
      - name: other
        kubectl:
          manifests: [other.yaml]
  - path: overrides/more.yaml
second:
  config:
    data:
      version: v1beta2
      images:
        second:
          image: me/second
          tag: \${TAG}
  vars:
    path: vars.yaml
`;

const files = {
  'devspace-configs.yaml': configs,
  'devspace.yaml':
    'version: v1beta2\nimages:\n  app:\n    image: me/app\n    dockerfile: D\ndeployments:\n- name: app\n  kubectl:\n    manifests: [a.yaml]\n',
  'overrides/more.yaml': 'images:\n  app:\n    context: ./c\n',
  'vars.yaml': '- name: TAG\n  default: two\n',
};

describe('devspace-configs.yaml', () => {
  test('merges overrides key by key, and replaces lists as a whole', async () => {
    const project = projectFolder(files);
    const { config, namedConfig, namedConfigs } = await project.load({ cwd: project.root });
    expect([namedConfig, namedConfigs]).toEqual(['default', ['default', 'second']]);
    expect(config.images).toMatchObject([
      { name: 'app', image: 'me/app', tags: ['one'], dockerfile: `${project.root}/D`, context: `${project.root}/c` },
    ]);
    expect(config.deployments.map(({ name }) => name)).toEqual(['other']);
  });

  test('another configuration can be selected', async () => {
    const project = projectFolder(files);
    const loaded = await project.load();
    loaded.state.useConfig('second');
    await loaded.state.save();
    const { config, namedConfig } = await project.load();
    expect(namedConfig).toBe('second');
    expect(config.images).toMatchObject([{ name: 'second', tags: ['two'] }]);
  });

  test.each<[string, string, RegExp]>([
    [
      'an unknown key',
      configs.replace('overrides:', 'overides:'),
      /devspace-configs.yaml:7:3: default.overides: unknown key "overides".*did you mean "overrides"/,
    ],
    [
      'neither path nor data',
      configs.replace('    path: devspace.yaml', '    {}'),
      /devspace-configs.yaml:3:5: default.config: either `path` or `data` is needed/,
    ],
    [
      'both',
      configs.replace('    path: devspace.yaml', '    path: devspace.yaml\n    data: {}'),
      /both `path` and `data` are given/,
    ],
    ['no config', configs.replace('  config:\n    path: devspace.yaml\n', ''), /default: `config` is missing/],
    [
      'a mistake in an override',
      configs.replace('tag: ${TAG}', 'tga: x'),
      /devspace-configs.yaml:11:11: images.app.tga: unknown key/,
    ],
  ])('%s is told with its place', async (_, text, message) => {
    expect((await failure(projectFolder({ ...files, 'devspace-configs.yaml': text }).load())).message).toMatch(message);
  });

  test('a mistake in a file of it points into that file', async () => {
    const project = projectFolder({ ...files, 'overrides/more.yaml': 'images:\n  app:\n    contxt: ./c\n' });
    expect((await failure(project.load())).message).toMatch(/overrides\/more.yaml:3:5: images.app.contxt: unknown key/);
  });

  test('without a selection or with an unknown one, the names are told', async () => {
    const without = projectFolder({
      ...files,
      'devspace-configs.yaml': configs.replace('default:\n  config', 'first:\n  config'),
    });
    expect(await failure(without.load())).toMatchObject({
      code: 'CONFIG_PROFILE',
      hint: expect.stringContaining('Configurations: first, second.'),
    });
    const project = projectFolder(files);
    const loaded = await project.load();
    loaded.state.useConfig('secnd');
    await loaded.state.save();
    expect(await failure(project.load())).toMatchObject({ hint: expect.stringContaining('Did you mean second?') });
  });

  test('old files read their variables from devspace-vars.yaml', async () => {
    const project = projectFolder({
      'devspace.yaml': files['devspace.yaml'].replace('image: me/app', 'image: me/app\n    tag: ${TAG}'),
      'devspace-vars.yaml': files['vars.yaml'],
    });
    expect((await project.load()).config.images[0]?.tags).toEqual(['two']);
  });
});
