import { describe, expect, test } from 'vitest';
import { failure, projectFolder } from './project-folder.ts';

const minimal = 'version: v2beta1\nname: demo\n';

describe('loadConfig', () => {
  test('loads a file of the oldest era', async () => {
    const project = projectFolder({
      'devspace.yaml': `version: v1beta2
images:
  app:
    image: me/app
cluster:
  kubeContext: dev
  namespace: mine
deployments:
- name: app
  kubectl:
    manifests: [k8s/*.yaml]
`,
    });
    const loaded = await project.load();
    expect(loaded).toMatchObject({ path: `${project.root}/devspace.yaml`, kubeContext: 'dev', namespace: 'mine' });
    expect(loaded.config).toMatchObject({
      version: 'v1beta2',
      projectRoot: project.root,
      images: [{ name: 'app', image: 'me/app', dockerfile: `${project.root}/Dockerfile` }],
      deployments: [{ name: 'app', type: 'kubectl', manifests: ['k8s/*.yaml'] }],
    });
  });

  test('tells all mistakes at once, with place, key, snippet and what was probably meant', async () => {
    const project = projectFolder({
      'devspace.yaml': `version: v1beta2
images:
  app:
    imgae: me/app
dev:
  ports:
  - selektor: app
    forward:
    - port: many
`,
    });
    const error = await failure(project.load());
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('devspace.yaml:4:5: images.app.imgae: ');
    expect(error.message).toContain('did you mean "image"?');
    expect(error.message).toContain('  4 |     imgae: me/app\n    |     ^^^^^\n');
    expect(error.message).toContain('devspace.yaml:7:5: dev.ports[0].selektor: ');
    expect(error.message).toContain('devspace.yaml:9:13: dev.ports[0].forward[0].port: ');
  });

  test.each<[string, string, RegExp]>([
    ['an empty file', '', /devspace.yaml:1:1: the file is empty/],
    ['only comments', '# nothing\n\n# here\n', /:1:1: the file has only comments/],
    ['no version', 'images:\n  a:\n    image: x\n', /:1:1: version: `version` is missing/],
    ['an empty version', 'version:\nname: x\n', /:1:1: version: `version` is missing/],
    [
      'an unknown version',
      'version: v1beta33\n',
      /:1:10: version: the version "v1beta33" is newer|unknown version "v1beta33"/,
    ],
    [
      'a newer version',
      'name: a\nversion: v3alpha1\n',
      /:2:10: version: the version "v3alpha1" is newer than this DevSpace knows/,
    ],
    ['a misspelt version', 'version: v1beat2\n', /unknown version "v1beat2".*did you mean "v1beta2"\?/],
    ['a list', '- a\n- b\n', /:1:1: the file must be a map of keys and values, found a list/],
    ['a word', 'hello\n', /:1:1: the file must be a map of keys and values, found a single value/],
    ['a tab', 'version: v2beta1\nimages:\n\ta: 1\n', /:3:1: a tab stands at the begin of the line/],
    [
      'duplicate keys',
      `${minimal}name: other\n`,
      /:3:1: name: the key "name" stands here a second time; it is already in line 2/,
    ],
    ['an unknown alias', `${minimal}images: *nothing\n`, /:3:9: images: the anchor &nothing is not defined above/],
    ['a circle of aliases', `${minimal}images: &a\n  b: *a\n`, /:4:6: images.b: contains itself through the alias \*a/],
    ['binary', 'version\u0000\u0001', /not a text file/],
    [
      'an open bracket',
      'version: v2beta1\nimages: {a: [1\nname: b\n',
      /:2:13: a bracket or a quote is opened here and not closed/,
    ],
    [
      'a template without quotes',
      'version: v2beta1\nname: {{ .x }}\n',
      /:2:8: .*begins with \{\{ must be put into quotes/,
    ],
    [
      'named configurations in the wrong file',
      'default:\n  config:\n    path: x\n',
      /belongs into devspace-configs.yaml/,
    ],
  ])('rejects %s', async (_, text, message) => {
    const error = await failure(projectFolder({ 'devspace.yaml': text }).load());
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\bat .*\.ts|undefined|\[object/);
  });

  test.each<[string, string]>([
    ['a byte order mark', `\ufeff${minimal}`],
    ['Windows line ends', minimal.replaceAll('\n', '\r\n')],
    ['a document start and end', `%YAML 1.2\n---\n${minimal}...\n`],
  ])('accepts %s', async (_, text) => {
    expect((await projectFolder({ 'devspace.yaml': text }).load()).model.name).toBe('demo');
  });

  test('accepts anchors and merge keys, and still points at what was written', async () => {
    const text =
      'version: v2beta1\nname: demo\nimages:\n  a: &base\n    image: x/a\n    tags: [b]\n  c:\n    <<: *base\n    image: x/c\n';
    const loaded = await projectFolder({ 'devspace.yaml': text }).load();
    expect(loaded.config.images.map(({ image, tags }) => [image, tags])).toEqual([
      ['x/a', ['b']],
      ['x/c', ['b']],
    ]);
    const error = await failure(projectFolder({ 'devspace.yaml': text.replace('[b]', '{b: 1}') }).load());
    expect(error.message).toMatch(/devspace.yaml:6:1\d: images\.a\.tags/);
  });

  test('uses the first of several documents and says so', async () => {
    const loaded = await projectFolder({ 'devspace.yaml': `---\n${minimal}---\nname: other\n` }).load();
    expect(loaded.model.name).toBe('demo');
    expect(loaded.warnings).toEqual([expect.stringMatching(/devspace.yaml:5:1: only the first YAML document/)]);
  });

  test('rejects an alias bomb quickly', async () => {
    const lines = [...'bcdefghijklmnop'].map(
      (name, index, all) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${all[index - 1] ?? 'a'}`)
          .join(',')}]`,
    );
    const start = performance.now();
    const error = await failure(
      projectFolder({ 'devspace.yaml': `version: v2beta1\na: &a [x,x]\n${lines.join('\n')}\n` }).load(),
    );
    expect(error.message).toMatch(/aliases repeat more than 200000 values/);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test.each([
    ['flow', `version: v2beta1\nx: ${'['.repeat(5_000)}`],
    ['block', `version: v2beta1\n${Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}`],
  ])('rejects deep nesting in %s style', async (_, text) => {
    expect((await failure(projectFolder({ 'devspace.yaml': text }).load())).message).toMatch(/more than 100 levels/);
  });

  test('reads ten megabytes within bounds', async () => {
    const filler = Array.from({ length: 150_000 }, (_, index) => `  key-${index}: "${'x'.repeat(50)}"`).join('\n');
    const error = await failure(projectFolder({ 'devspace.yaml': `${minimal}extra:\n${filler}\n` }).load());
    expect(error.message).toMatch(/devspace.yaml:3:1: extra: unknown key/);
    expect(error.message.length).toBeLessThan(20_000);
  });

  test('rejects text in another encoding with its line', async () => {
    const project = projectFolder();
    project.write('devspace.yaml', '');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      `${project.root}/devspace.yaml`,
      Buffer.from([0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0x3a, 0x20, 0xe4, 0x0a]),
    );
    expect((await failure(project.load())).message).toMatch(/devspace.yaml:2:4: this text is not UTF-8/);
  });

  test('ends at once when it is cancelled', async () => {
    await expect(projectFolder({ 'devspace.yaml': minimal }).load({ signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/i,
    );
  });

  test('loads a file of 1,000 lines with 50 variables fast', async () => {
    const vars = Array.from({ length: 50 }, (_, index) => `  VAR_${index}: value-${index}`);
    const images = Array.from(
      { length: 230 },
      (_, index) =>
        `  image-${index}:\n    image: registry/app-${index}:\${VAR_${index % 50}}\n    dockerfile: ./\${VAR_${(index + 7) % 50}}/Dockerfile\n    context: ./app-${index}`,
    );
    const project = projectFolder({
      'devspace.yaml': `version: v2beta1\nname: big\nvars:\n${vars.join('\n')}\nimages:\n${images.join('\n')}\n`,
    });
    await project.load();
    const start = performance.now();
    const loaded = await project.load();
    expect(loaded.config.images).toHaveLength(230);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
