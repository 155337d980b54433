import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Place, place } from './command-line.ts';

const old = `# project
version: v1beta2
images:
  app:   # the app
    image: me/app
deployments:
- name: app
  kubectl: { manifests: [kube] }
dev:
  selectors:
  - name: app
    labelSelector: { app: app }
  ports:
  - selector: app
    forward:
    - port: 8080
      remotePort: 80 # http
  sync:
  - selector: app
    containerPath: /app
`;

const newest = `version: v2beta1
dev:
  app:
    labelSelector: {app: app}
    ports:
      - port: "8080:80"
  db:
    labelSelector: {app: db}
`;

/** The lines that came and went. */
function changed(before: string, after: string): string[] {
  const [had, has] = [before.split('\n'), after.split('\n')];
  return [
    ...had.filter((line) => !has.includes(line)).map((line) => `-${line}`),
    ...has.filter((line) => !had.includes(line)).map((line) => `+${line}`),
  ];
}

const withFile = (text: string): Place => place({ 'devspace.yaml': text });

describe('add', () => {
  test.each<[string, string, string[]]>([
    [
      old,
      'image api --image me/api --tag v1 --context ./api --dockerfile api/Dockerfile',
      ['+  api:', '+    image: me/api', '+    tag: v1', '+    dockerfile: api/Dockerfile', '+    context: ./api'],
    ],
    [
      old,
      'image api --image me/api --buildengine kaniko',
      ['+  api:', '+    image: me/api', '+    build:', '+      kaniko: {}'],
    ],
    [
      newest,
      'image api --image me/api --buildengine kaniko',
      ['+images:', '+  api:', '+    image: me/api', '+    kaniko: {}'],
    ],
    [old, 'port 9229', ['+    - port: 9229']],
    [old, 'port 9229,3000:4000', ['+    - port: 9229', '+    - port: 3000', '+      remotePort: 4000']],
    [old, 'port 9229 --selector app', ['+    - port: 9229']],
    [
      old,
      'port 1:2,3 -l a=b -n other',
      [
        '+  - labelSelector:',
        '+      a: b',
        '+    namespace: other',
        '+    - port: 1',
        '+      remotePort: 2',
        '+    - port: 3',
      ],
    ],
    [newest, 'port 9229', ['+      - port: "9229"']],
    [newest, 'port 9229 --label-selector app=db', ['+    ports:', '+      - port: "9229"']],
    [
      old,
      'sync --local ./src --container /src --exclude a,b',
      ['+    localSubPath: ./src', '+    containerPath: /src', '+    excludePaths:', '+    - a', '+    - b'],
    ],
    [newest, 'sync --local ./src --container /src --selector db', ['+    sync:', '+      - path: ./src:/src']],
    [old, 'selector web --label-selector app=web', ['+  - name: web', '+    labelSelector:', '+      app: web']],
    [
      old,
      'deployment web --manifests a.yaml,b/ -n other',
      ['+- name: web', '+  namespace: other', '+  kubectl:', '+    manifests:', '+    - a.yaml', '+    - b/'],
    ],
    [
      old,
      'deployment web --chart db --chart-version 1.2.3 --chart-repo https://x.example',
      [
        '+- name: web',
        '+  helm:',
        '+    chart:',
        '+      name: db',
        '+      version: 1.2.3',
        '+      repo: https://x.example',
      ],
    ],
    [
      old,
      'deployment web --component --image nginx',
      ['+- name: web', '+  component:', '+    containers:', '+    - image: nginx'],
    ],
    [
      old.replace(/version: .*/, 'version: v1beta11').replace(/dev:[^]*/, ''),
      'deployment web --component --image nginx',
      [
        '+- name: web',
        '+  helm:',
        '+    componentChart: true',
        '+    values:',
        '+      containers:',
        '+      - image: nginx',
      ],
    ],
    [
      newest,
      'deployment web --component --image nginx --dockerfile web/Dockerfile',
      [
        '+deployments:',
        '+  web:',
        '+    helm:',
        '+      values:',
        '+        containers:',
        '+          - image: nginx',
        '+images:',
        '+    image: nginx',
        '+    dockerfile: web/Dockerfile',
      ],
    ],
  ])('add, case %#', async (text, words, lines) => {
    const project = withFile(text);
    const { exitCode, stdout, stderr } = await project.devspace('add', ...words.split(' '));
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: '' });
    const after = project.read('devspace.yaml');
    const differences = changed(text, after);
    expect(differences.filter((line) => line.startsWith('-'))).toEqual([]);
    expect([...new Set(differences)].sort()).toEqual(
      [...new Set(lines)].filter((line) => !text.split('\n').includes(line.slice(1))).sort(),
    );
    expect((await project.devspace('print')).exitCode).toBe(0);
  });

  test.each([
    ['image app --image me/x', 'is in the file already'],
    ['image --image me/x', 'missing required argument'],
    ['image x', '--image <image>'],
    ['image x --image y --buildengine make', 'docker, kaniko'],
    ['port 0', '0 is no port'],
    ['port 80:x', '80:x is no port'],
    ['port 80 --selector nope', 'There are: app'],
    ['sync --local . --container app', 'absolute path'],
    ['deployment x', 'exactly one type'],
    ['deployment x --image a --chart b', 'exactly one type'],
    ['deployment x --component --chart b', 'exactly one type'],
    ['deployment x --component', 'needs an image'],
  ])('refuses add %s and changes nothing', async (words, message) => {
    const project = withFile(old);
    const { exitCode, stderr } = await project.devspace('add', ...words.split(' '));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(project.read('devspace.yaml')).toBe(old);
  });
});

describe('remove', () => {
  test.each([
    [
      'port 80',
      ['-  ports:', '-  - selector: app', '-    forward:', '-    - port: 8080', '-      remotePort: 80 # http'],
    ],
    ['sync --container /app', ['-  sync:', '-    containerPath: /app']],
    ['image app', ['-images:', '-  app:   # the app', '-    image: me/app']],
    ['image --all', ['-images:', '-  app:   # the app', '-    image: me/app']],
    ['deployment app', ['-deployments:', '-- name: app', '-  kubectl: { manifests: [kube] }']],
  ])('remove %s', async (words, lines) => {
    const project = withFile(old);
    const ran = await project.devspace('remove', ...words.split(' '));
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' });
    const differences = changed(old, project.read('devspace.yaml'));
    expect(differences.filter((line) => line.startsWith('+'))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(differences));
    expect(differences.length).toBeGreaterThan(0);
  });

  test('--all takes everything of the kind, also from containers', async () => {
    const text = newest.replace('  db:\n', '  db:\n    containers:\n      x:\n        ports:\n          - port: "1"\n');
    const project = withFile(text);
    expect(await project.devspace('remove', 'port', '--all')).toMatchObject({ exitCode: 0 });
    expect(project.read('devspace.yaml')).not.toContain('port');
    expect(project.read('devspace.yaml')).toContain('labelSelector: {app: db}');
  });

  test.each([['port 1'], ['image x'], ['image'], ['port'], ['sync'], ['sync --local nope']])(
    'refuses remove %s and changes nothing',
    async (words) => {
      const project = withFile(old);
      expect(await project.devspace('remove', ...words.split(' '))).toMatchObject({ exitCode: 2 });
      expect(project.read('devspace.yaml')).toBe(old);
    },
  );
});

describe('remove by labels and namespace', () => {
  const selectors = `version: v1beta2
dev:
  selectors:
  - name: a
    labelSelector: {app: a}
  - name: b
    namespace: other
    labelSelector: {app: b}
  sync:
  - selector: a
    containerPath: /a
  - selector: b
    containerPath: /b
  - labelSelector: {app: a}
    namespace: other
    containerPath: /c
`;
  const pods = `version: v2beta1
dev:
  a:
    labelSelector: {app: a}
    sync: [{path: ./a}]
  b:
    namespace: other
    labelSelector: {app: b}
    containers:
      x: {sync: [{path: ./b}]}
    terminal: {enabled: true}
`;

  test.each([
    [selectors, 'sync -l app=a', ['a', 'c']],
    [selectors, 'sync -l app=a -n other', ['c']],
    [selectors, 'sync --namespace other', ['b', 'c']],
    [selectors, 'sync --container /b --label-selector app=b', ['b']],
    [pods, 'sync -l app=a', ['a']],
    [pods, 'sync -n other', ['b']],
  ])('case %#: remove %s', async (text, words, gone) => {
    const project = withFile(text);
    expect(await project.devspace('remove', ...words.split(' '))).toMatchObject({ exitCode: 0, stdout: '' });
    const after = project.read('devspace.yaml');
    const folders = (yaml: string): string[] =>
      [...yaml.matchAll(/(?:containerPath: |path: \.)\/(.)/g)].map(([, x = '']) => x);
    expect(folders(after)).toEqual(folders(text).filter((folder) => !gone.includes(folder)));
  });

  test.each([
    ['selector -l app=b', ['a']],
    ['selector -n other', ['a']],
    ['selector a --label-selector app=a', ['b']],
  ])('remove %s', async (words, left) => {
    const project = withFile(selectors);
    expect(await project.devspace('remove', ...words.split(' '))).toMatchObject({ exitCode: 0, stdout: '' });
    const names = [...project.read('devspace.yaml').matchAll(/name: (.)/g)].map(([, name]) => name);
    expect(names).toEqual(left);
  });

  test.each([
    ['selector a -l app=b'],
    ['selector a -n other'],
    ['selector'],
    ['selector -l app=c'],
    ['sync --container /a -l app=b'],
    ['sync -l app=a,tier=x'],
    ['sync -n third'],
  ])('remove %s finds nothing and changes nothing', async (words) => {
    const project = withFile(selectors);
    expect(await project.devspace('remove', ...words.split(' '))).toMatchObject({ exitCode: 2 });
    expect(project.read('devspace.yaml')).toBe(selectors);
  });
});

describe('the file itself', () => {
  test('keeps its byte order mark, its line ends, its mode and the link that leads to it', async () => {
    const text = `\uFEFF${old.replaceAll('\n', '\r\n')}`;
    const project = place({ 'real.yaml': text });
    const real = path.join(project.root, 'real.yaml');
    chmodSync(real, 0o640);
    symlinkSync('real.yaml', path.join(project.root, 'devspace.yaml'));
    expect(await project.devspace('add', 'image', 'api', '--image', 'me/api')).toMatchObject({ exitCode: 0 });
    const after = readFileSync(real, 'utf8');
    expect(after.replace('  api:\r\n    image: me/api\r\n', '')).toBe(text);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  test('with mistakes is not changed', async () => {
    const project = withFile('version: v1beta2\nimages: [\n');
    expect(await project.devspace('add', 'image', 'api', '--image', 'me/api')).toMatchObject({ exitCode: 2 });
    expect(project.read('devspace.yaml')).toBe('version: v1beta2\nimages: [\n');
  });
});

describe('update config', () => {
  test('shows the differences, and without a terminal writes only with --yes', async () => {
    const project = withFile(old);
    const asked = await project.devspace('update', 'config');
    expect(asked.exitCode).toBe(2);
    expect(asked.stdout).toContain('-version: v1beta2\n+version: v2beta1\n');
    expect(asked.stderr).toContain('--yes');
    expect(project.read('devspace.yaml')).toBe(old);

    const before = await project.devspace('print', '--skip-info', '-o', 'json');
    expect(await project.devspace('update', 'config', '--yes')).toMatchObject({ exitCode: 0 });
    const text = project.read('devspace.yaml');
    expect(text).toMatch(/^# project\nversion: v2beta1\n/);
    const after = await project.devspace('print', '--skip-info', '-o', 'json');
    const { images, dev } = JSON.parse(before.stdout) as Record<string, unknown>;
    expect(JSON.parse(after.stdout)).toMatchObject({ dev });
    expect(Object.keys(images as object)).toEqual(['app']);
  });

  test('says when there is nothing to do', async () => {
    const project = withFile(newest);
    const ran = await project.devspace('update', 'config');
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' });
    expect(ran.stderr).toContain('newest version already');
    expect(project.read('devspace.yaml')).toBe(newest);
  });
});
