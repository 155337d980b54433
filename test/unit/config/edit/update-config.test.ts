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
