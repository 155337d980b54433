import { describe, expect, test } from 'vitest';
import { fromData, type Node, toData } from '../../../../src/config/document/node.ts';
import { explain } from '../../../../src/config/explain.ts';
import { summarizeProfiles } from '../../../../src/config/profiles/apply.ts';
import { mergePatch, strategicMerge } from '../../../../src/config/profiles/merge.ts';
import { applyPatch } from '../../../../src/config/profiles/patch.ts';
import { failure, projectFolder } from '../project-folder.ts';

const node = (data: unknown): Node => fromData(data, { source: { path: 'f', text: '' }, start: 0, end: 0 });

describe('applyPatch', () => {
  const base = {
    images: { app: { tag: 'x', list: ['a', 'b'] }, 'b c': 1 },
    deployments: [
      {
        name: 'app',
        helm: {
          values: {
            containers: [
              { name: 'php', port: 80 },
              { name: 'db', port: 3306 },
            ],
          },
        },
      },
      { name: 'db', kubectl: {} },
    ],
    empty: null,
  };
  const patched = (op: string, path: string, value?: unknown): unknown => {
    const result = applyPatch(node(base), { op, path, ...(value === undefined ? {} : { value: node(value) }) });
    return 'root' in result ? toData(result.root) : result.mistake;
  };
  const at = (op: string, path: string, value: unknown, keys: readonly (string | number)[]): unknown =>
    keys.reduce<unknown>(
      (data, key) =>
        typeof data === 'object' && data !== null
          ? Object.entries(data).find(([name]) => name === String(key))?.[1]
          : undefined,
      patched(op, path, value),
    );

  test.each<[string, string, unknown, (string | number)[], unknown]>([
    ['replace', 'images.app.tag', 'y', ['images', 'app', 'tag'], 'y'],
    ['replace', '/images/app/tag', 'y', ['images', 'app', 'tag'], 'y'],
    ['replace', '$.images.app.tag', 'y', ['images', 'app', 'tag'], 'y'],
    ['replace', 'images["b c"]', 2, ['images', 'b c'], 2],
    ['replace', "images['b c']", 2, ['images', 'b c'], 2],
    ['replace', 'deployments[0].name', 'y', ['deployments', 0, 'name'], 'y'],
    ['replace', 'deployments[-1].name', 'y', ['deployments', 1, 'name'], 'y'],
    ['replace', '/deployments/1/name', 'y', ['deployments', 1, 'name'], 'y'],
    ['replace', 'deployments.name=db.name', 'y', ['deployments', 1, 'name'], 'y'],
    ['replace', "deployments[?(@.name=='db')].name", 'y', ['deployments', 1, 'name'], 'y'],
    [
      'replace',
      'deployments.name=app.helm.values.containers.name=db.port',
      1,
      ['deployments', 0, 'helm', 'values', 'containers', 1, 'port'],
      1,
    ],
    [
      'replace',
      'deployments.name=app.helm.values.containers.port=80.port',
      1,
      ['deployments', 0, 'helm', 'values', 'containers', 0, 'port'],
      1,
    ],
    ['replace', 'deployments[*].name', 'y', ['deployments', 1, 'name'], 'y'],
    ['replace', '/deployments/*/name', 'y', ['deployments', 0, 'name'], 'y'],
    [
      'replace',
      "deployments[0].helm.values.containers[?(@.port>=1000 && @.name!='x')].port",
      1,
      ['deployments', 0, 'helm', 'values', 'containers', 1, 'port'],
      1,
    ],
    ['replace', 'deployments[0]..port', 1, ['deployments', 0, 'helm', 'values', 'containers', 0, 'port'], 1],
    ['replace', 'images.app.new', 1, ['images', 'app', 'new'], 1],
    ['replace', 'images.db.build.target', 'dev', ['images', 'db'], undefined],
    ['add', 'deployments.name=none.x', 1, ['deployments', 2], undefined],
    ['add', 'images.db', { tag: 'z' }, ['images', 'db', 'tag'], 'z'],
    ['add', 'images.app', { more: 1 }, ['images', 'app'], { tag: 'x', list: ['a', 'b'], more: 1 }],
    ['add', 'images.app.list', 'c', ['images', 'app', 'list'], ['a', 'b', 'c']],
    ['add', 'images.app.list', ['c', 'd'], ['images', 'app', 'list'], ['a', 'b', 'c', 'd']],
    ['add', 'images.app.list[-]', 'c', ['images', 'app', 'list'], ['a', 'b', 'c']],
    ['add', '/images/app/list/-', 'c', ['images', 'app', 'list'], ['a', 'b', 'c']],
    ['add', 'images.app.list[1]', 'c', ['images', 'app', 'list'], ['a', 'c', 'b']],
    ['add', 'empty.key', 1, ['empty', 'key'], 1],
    ['add', 'empty', { a: 1 }, ['empty'], { a: 1 }],
    ['remove', 'images.app.list[0]', undefined, ['images', 'app', 'list'], ['b']],
    ['remove', 'images.app.list[*]', undefined, ['images', 'app', 'list'], []],
    ['remove', 'deployments.name=app', undefined, ['deployments'], [{ name: 'db', kubectl: {} }]],
    ['remove', '/images/app', undefined, ['images'], { 'b c': 1 }],
    ['remove', 'images.app.list[0:1]', undefined, ['images', 'app', 'list'], ['b']],
    ['remove', 'images.app.list[-1:]', undefined, ['images', 'app', 'list'], ['a']],
    ['replace', 'images.app.tag.deeper', 1, ['images', 'app', 'tag'], { deeper: 1 }],
    ['remove', 'nothing.here', undefined, ['empty'], null],
  ])('%s %s', (op, path, value, keys, expected) => {
    expect(at(op, path, value, keys)).toEqual(expected);
  });

  test.each<[string, string, unknown, RegExp]>([
    ['replace', '/images/none', 1, /nothing at \/images\/none to replace/],
    ['remove', '/images/none', undefined, /nothing at \/images\/none to remove/],
    ['add', 'images.app.tag', 'y', /has a value already; use the op replace/],
    ['replace', 'images.app', undefined, /needs a value/],
    ['move', 'images.app', 1, /unknown op "move"; allowed: add, remove, replace/],
    ['add', 'deployments[?(@', 1, /cannot be read/],
    ['add', 'images.app.list.deeper', 1, /does not lead to a place/],
  ])('%s %s is refused', (op, path, value, message) => {
    expect(patched(op, path, value)).toMatch(message);
  });

  test('leaves the rest as it was', () => {
    expect(patched('remove', 'empty')).toEqual({ images: base.images, deployments: base.deployments });
  });
});

describe('merges', () => {
  test('a merge patch deletes with null and replaces lists', () => {
    expect(
      toData(mergePatch(node({ a: { b: 1, c: 2 }, l: [1, 2] }), node({ a: { b: null, d: { e: 1 } }, l: [3] }))),
    ).toEqual({ a: { c: 2, d: { e: 1 } }, l: [3] });
  });

  test('a strategic merge joins lists by name', () => {
    const merged = strategicMerge(
      node({ d: [{ name: 'a', x: 1 }, { name: 'b', x: 1 }, { name: 'c' }], l: [1] }),
      node({ d: [{ name: 'b', x: 2, y: 3 }, { name: 'c', $patch: 'delete' }, { name: 'n' }], l: [2] }),
    );
    expect(toData(merged)).toEqual({ d: [{ name: 'a', x: 1 }, { name: 'b', x: 2, y: 3 }, { name: 'n' }], l: [2] });
  });
});

const file = `version: v1beta11
vars:
- name: TARGET
  default: none
images:
  app:
    image: me/app
    tags: [one]
profiles:
- name: base
  patches:
  - op: replace
    path: images.app.tags
    value: [base]
- name: child
  parent: base
  merge:
    images:
      app:
        dockerfile: ./Dev
- name: many
  description: Two parents
  parents:
  - profile: child
  - profile: extra
- name: extra
  replace:
    images:
      app:
        image: me/other
- name: by-env
  activation:
  - env:
      CI: "true|1"
  patches:
  - op: replace
    path: images.app.tags
    value: [ci]
- name: by-var
  activation:
  - vars:
      TARGET: prod.*
  patches:
  - op: replace
    path: images.app.tags
    value: [prod]
- name: strategic
  strategicMerge:
    images:
      app:
        tags: [strategic]
`;

describe('profiles of a file', () => {
  test.each<[string, Parameters<ReturnType<typeof projectFolder>['load']>[0], unknown]>([
    ['none', {}, { image: 'me/app', tags: ['one'] }],
    ['a patch', { profiles: ['base'] }, { image: 'me/app', tags: ['base'] }],
    ['a merge with a parent', { profiles: ['child'] }, { image: 'me/app', tags: ['base'], dockerfile: /Dev$/ }],
    ['several parents', { profiles: ['many'] }, { image: 'me/other', tags: [] }],
    ['one after the other', { profiles: ['extra', 'base'] }, { image: 'me/other', tags: ['base'] }],
    ['the last place of a name counts', { profiles: ['base', 'extra', 'base'] }, { image: 'me/other', tags: ['base'] }],
    ['strategicMerge', { profiles: ['strategic'] }, { image: 'me/app', tags: ['strategic'] }],
    ['by environment', { env: { CI: 'true' } }, { tags: ['ci'] }],
    ['not by a part of the value', { env: { CI: 'true-ish' } }, { tags: ['one'] }],
    ['by variable', { vars: ['TARGET=production'] }, { tags: ['prod'] }],
    ['not when activation is off', { env: { CI: '1' }, profileActivation: 'disabled' }, { tags: ['one'] }],
  ])('%s', async (_, options, expected) => {
    const [image] = (await projectFolder({ 'devspace.yaml': file }).load(options)).config.images;
    for (const [key, value] of Object.entries(expected as Record<string, unknown>)) {
      const actual = Object.entries(image ?? {}).find(([name]) => name === key)?.[1];
      if (value instanceof RegExp) expect(actual).toMatch(value);
      else expect(actual).toEqual(value);
    }
  });

  test('the saved profile counts when none is asked for', async () => {
    const project = projectFolder({ 'devspace.yaml': file });
    const loaded = await project.load();
    loaded.state.useProfile('base');
    await loaded.state.save();
    expect((await project.load()).activeProfiles).toEqual(['base']);
    expect((await project.load({ profiles: ['extra'] })).activeProfiles).toEqual(['extra']);
    const again = await project.load();
    again.state.useProfile(undefined);
    await again.state.save();
    expect((await project.load()).activeProfiles).toEqual([]);
  });

  test('a profile that does not exist is named, with what was probably meant', async () => {
    expect(await failure(projectFolder({ 'devspace.yaml': file }).load({ profiles: ['bas'] }))).toMatchObject({
      code: 'CONFIG_PROFILE',
      message: 'There is no profile bas',
      hint: expect.stringContaining('Did you mean base?'),
    });
  });

  test('parents in a circle are named', async () => {
    const circle = 'version: v1beta11\nprofiles:\n- name: a\n  parent: b\n- name: b\n  parent: a\n';
    expect(await failure(projectFolder({ 'devspace.yaml': circle }).load({ profiles: ['a'] }))).toMatchObject({
      code: 'CONFIG_PROFILE',
      message: expect.stringContaining('circle'),
    });
  });

  test('a mistake that a patch brings points at the patch', async () => {
    const text = file.replace('value: [base]', 'value: {wrong: 1}');
    const error = await failure(projectFolder({ 'devspace.yaml': text }).load({ profiles: ['base'] }));
    expect(error.message).toMatch(/devspace.yaml:14:1\d: images.app.tags: /);
  });

  test('a patch that cannot be applied points at its path', async () => {
    const text = file.replace('path: images.app.tags\n    value: [base]', 'path: /images/none\n    value: 1');
    const error = await failure(projectFolder({ 'devspace.yaml': text }).load({ profiles: ['base'] }));
    expect(error.message).toMatch(/devspace.yaml:13:11: .*nothing at \/images\/none to replace/);
  });

  test('a patch without effect is told', async () => {
    const text = file.replace('path: images.app.tags\n    value: [base]', 'path: images.none.tags\n    value: 1');
    const loaded = await projectFolder({ 'devspace.yaml': text }).load({ profiles: ['base'] });
    expect(loaded.warnings).toEqual([expect.stringMatching(/devspace.yaml:13:11: .*the patch changes nothing/)]);
  });

  test('a part of a profile may be a command', async () => {
    const text =
      'version: v2beta1\nname: x\nimages:\n  app:\n    image: a\nprofiles:\n- name: p\n  merge: $(cat merge.yaml)\n';
    const project = projectFolder({ 'devspace.yaml': text, 'merge.yaml': 'images:\n  app:\n    image: merged\n' });
    expect((await project.load({ profiles: ['p'] })).config.images[0]?.image).toBe('merged');
  });

  test('are listed', async () => {
    const { profiles } = await projectFolder({ 'devspace.yaml': file }).load();
    expect(summarizeProfiles(profiles).slice(0, 3)).toEqual([
      { name: 'base', description: '', parents: [] },
      { name: 'child', description: '', parents: ['base'] },
      { name: 'many', description: 'Two parents', parents: ['child', 'extra'] },
    ]);
  });
});

describe('explain', () => {
  const vars = file.replace('image: me/app\n    tags: [one]', 'image: me/${TARGET}\n    tags: [one]');

  test('a value of the file, a variable and a profile', async () => {
    const project = projectFolder({ 'devspace.yaml': vars });
    const loaded = await project.load({ profiles: ['base'] });
    expect(explain(loaded, 'images.app.image', project.root)).toEqual({
      path: 'images.app.image',
      writtenPath: 'images.app.image',
      value: 'me/none',
      written: 'me/${TARGET}',
      file: 'devspace.yaml',
      line: 7,
      column: 12,
      variables: [{ name: 'TARGET', origin: 'default', value: 'none' }],
    });
    expect(explain(loaded, 'images.app.tags[0]', project.root)).toMatchObject({
      value: 'base',
      line: 14,
      profile: 'base',
    });
  });

  test('a key as the newest version shows it', async () => {
    const text = 'version: v1beta11\ndev:\n  ports:\n  - labelSelector: {a: b}\n    forward:\n    - port: 80\n';
    const project = projectFolder({ 'devspace.yaml': text });
    const loaded = await project.load();
    const [name = ''] = Object.keys(loaded.model.dev ?? {});
    expect(explain(loaded, `dev.${name}.labelSelector.a`, project.root)).toMatchObject({
      value: 'b',
      line: 4,
      writtenPath: 'dev.ports[0].labelSelector.a',
    });
  });

  test('a key that is not set', async () => {
    const project = projectFolder({ 'devspace.yaml': vars });
    const loaded = await project.load();
    expect(() => explain(loaded, 'images.app.tagz', project.root)).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('images.app has: image, tags') }),
    );
  });
});
