import { describe, expect, test } from 'vitest';
import { toData } from '../../../../src/config/document/node.ts';
import { parseYaml } from '../../../../src/config/document/parse.ts';
import { updateConfig } from '../../../../src/config/edit/update-config.ts';

const written = `# Project of the team
version: v1beta11

# Everything we build
images:
  app: # the app
    image: \${REGISTRY}/app # never latest
    tags:
      - dev
vars:
- name: REGISTRY # ours
  default: localhost:5000
deployments:
# first the database
- name: db
  helm:
    values:
      replicas: 1 # enough
- name: app
  kubectl:
    manifests:
    - app.yaml # all of it
profiles:
- name: production # careful
  patches:
  - op: remove
    path: dev
`;

describe('updateConfig', () => {
  const { text } = updateConfig({ path: '/p/devspace.yaml', text: written });
  const data = toData(
    parseYaml({ path: 'x', text }).root ?? {
      kind: 'scalar',
      value: null,
      span: { source: { path: '', text: '' }, start: 0, end: 0 },
    },
  );

  test('writes the newest version', () => {
    expect(data).toMatchObject({
      version: 'v2beta1',
      images: { app: { image: '${REGISTRY}/app', tags: ['dev'] } },
      vars: { REGISTRY: { default: 'localhost:5000' } },
      deployments: { db: { helm: { values: { replicas: 1 } } }, app: { kubectl: { manifests: ['app.yaml'] } } },
      profiles: [{ name: 'production' }],
    });
  });

  test.each([
    '# Project of the team',
    '# Everything we build',
    '# the app',
    '# never latest',
    '# enough',
    '# all of it',
  ])('keeps %s', (comment) => {
    expect(text).toContain(comment);
  });

  test('keeps the text of sections that mean the same', () => {
    expect(text).toContain(
      '# Everything we build\nimages:\n  app: # the app\n    image: ${REGISTRY}/app # never latest\n',
    );
  });

  test('leaves a file of the newest version alone', () => {
    const newest = 'version: v2beta1\nname:   x\n';
    expect(updateConfig({ path: 'f', text: newest }).text).toBe(newest);
  });

  test('refuses a file with mistakes', () => {
    expect(() => updateConfig({ path: 'f', text: 'version: [\n' })).toThrow(/has mistakes/);
  });

  test('keeps the comments on and above the first key of a section, and quotes ports', () => {
    const old = `version: v1beta9
deployments: # all of them
# the database
- name: db # short
  helm: # by helm
    values:
      # first value
      replicas: 1
dev:
  # our ports
  ports:
  # the web server
  - imageName: app
    # from here
    forward:
    # to there
    - port: 8080 # free
      remotePort: 80
images:
  app: { image: me/app }
`;
    const { text } = updateConfig({ path: '/p/devspace.yaml', text: old });
    expect(text).toContain(`
deployments: # all of them
  # the database
  db: # short
    helm: # by helm
      values:
        # first value
        replicas: 1
`);
    expect(text).toContain(`
dev:
  # our ports
  # the web server
  ports-0:
`);
    expect(text).toContain(`
    ports:
    # from here
    # to there
    - port: "8080:80" # free
`);
    for (const comment of old.match(/#.*/g) ?? []) expect(text.split(comment)).toHaveLength(2);
  });
});

describe('updateConfig with profiles', () => {
  const update = (text: string) => {
    const updated = updateConfig({ path: '/p/devspace.yaml', text });
    const root = parseYaml({ path: 'x', text: updated.text }).root;
    return { ...updated, data: root && (toData(root) as Record<string, unknown>) };
  };

  test('keeps a translation that does the same', () => {
    const { data, problems } = update(`version: v1beta11
deployments:
- name: app
  helm: {chart: {name: ./chart}, values: {replicas: 1}}
profiles:
- name: big
  patches:
  - {op: replace, path: deployments.name=app.helm.values.replicas, value: 3}
`);
    expect(data?.profiles).toEqual([
      { name: 'big', patches: [{ op: 'replace', path: 'deployments.app.helm.values.replicas', value: 3 }] },
    ]);
    expect(problems).toEqual([]);
  });

  test('says what changes where the old keys are gone, parents first', () => {
    const { data, problems } = update(`version: v1beta7
images:
  app: {image: me/app, tags: [one], build: {kaniko: {cache: false}}}
dev:
  interactive: {terminal: {labelSelector: {app: a}}}
profiles:
- name: base
  patches:
  - {op: add, path: images.app.build.kaniko.insecure, value: true}
- name: live
  parent: base
  patches:
  - {op: add, path: dev.interactive.defaultEnabled, value: true}
  - {op: replace, path: 'images.app.tags[0]', value: three}
`);
    expect(data?.profiles).toEqual([
      { name: 'base', merge: { images: { app: { kaniko: { insecure: true } } } } },
      {
        name: 'live',
        parent: 'base',
        merge: { images: { app: { tags: ['three'] } }, dev: { terminal: { terminal: { enabled: true } } } },
      },
    ]);
    expect(problems).toEqual([]);
  });

  test('defines the variables that the old versions ask for by themselves', () => {
    const { data } = update('version: v1beta9\nimages:\n  app: {image: "${REGISTRY}/app"}\n');
    expect(data?.vars).toEqual({ REGISTRY: { question: 'Please enter a value for REGISTRY' } });
  });

  test('names deployments and pull secrets by what variables are known to be', () => {
    const { data } = update(`version: v1beta11
vars:
- {name: NAME, default: shop}
- {name: REGISTRY, value: ghcr.io/me}
images:
  app: {image: "\${REGISTRY}/app"}
deployments:
- name: \${NAME}
  helm: {chart: {name: ./chart}}
`);
    expect(data).toMatchObject({
      deployments: { shop: { helm: { releaseName: '${NAME}' } } },
      images: { app: { image: '${REGISTRY}/app' } },
      pullSecrets: { app: { registry: 'ghcr.io' } },
    });
  });

  test('keeps the comments of what has no place of its own any more', () => {
    const { text } = update(`version: v1beta9
images:
  app:
    image: me/app
    # inside the cluster
    build:
      # not here
      kaniko: {cache: true} # fast
    # tags: [old]

# between the sections

dev:
  ports:
  - labelSelector: {app: a}
    forward:
    - port: 80
    # - port: 81
# at the end
`);
    for (const comment of [
      'inside the cluster',
      'not here',
      'fast',
      'tags: [old]',
      'between the',
      '- port: 81',
      'at the end',
    ]) {
      expect(text.split(`# ${comment}`)).toHaveLength(2);
    }
  });
});
