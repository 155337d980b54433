import { describe, expect, test } from 'vitest';
import type { Change } from '../../../../src/config/edit/change.ts';
import { changeText } from '../../../../src/config/edit/changes.ts';
import { unifiedDiff } from '../../../../src/config/edit/diff-lines.ts';

const oldFile = `version: v1beta2
images:
  app: # the app
    image: me/app
deployments:
- name: app
  kubectl:
    manifests:
    - app.yaml
dev:
  selectors:
  - name: app
    labelSelector: { app: app }
  ports:
  - selector: app
    forward:
    - port: 8080
      remotePort: 80
    - port: 9229
`;

const newFile = `version: v2beta1
name: app
images:
  app:
    image: me/app
dev:
  app:
    labelSelector: {app: app}
    ports:
      - port: "8080:80"
    sync:
      - path: ./:/app # all
`;

/** The lines that a change adds and takes away. */
function changed(text: string, change: Change): string[] {
  const result = changeText(text, change);
  return unifiedDiff('f', text, result)
    .split('\n')
    .filter((line) => /^[-+](?!--|\+\+)/.test(line));
}

describe('changeText', () => {
  test.each<[string, string, Change, string[]]>([
    [
      'image, old',
      oldFile,
      { kind: 'add image', name: 'db', image: 'me/db', tag: '1' },
      ['+  db:', '+    image: me/db', '+    tag: "1"'],
    ],
    [
      'image, new',
      newFile,
      { kind: 'add image', name: 'db', image: 'me/db', tag: '1', dockerfile: './db/Dockerfile', context: './db' },
      [
        '+  db:',
        '+    image: me/db',
        '+    tags:',
        '+      - "1"',
        '+    dockerfile: ./db/Dockerfile',
        '+    context: ./db',
      ],
    ],
    [
      'deployment, old',
      oldFile,
      { kind: 'add deployment', name: 'db', manifests: ['db.yaml'] },
      ['+- name: db', '+  kubectl:', '+    manifests:', '+    - db.yaml'],
    ],
    [
      'deployment, new',
      newFile,
      { kind: 'add deployment', name: 'db', chart: { name: 'redis' } },
      ['+deployments:', '+  db:', '+    helm:', '+      chart:', '+        name: redis'],
    ],
    [
      'component, old',
      oldFile,
      { kind: 'add deployment', name: 'db', image: 'mysql' },
      ['+- name: db', '+  component:', '+    containers:', '+    - image: mysql'],
    ],
    [
      'port, old',
      oldFile,
      { kind: 'add port', labels: { app: 'db' }, port: 3306, remotePort: 3306 },
      ['+  - labelSelector:', '+      app: db', '+    forward:', '+    - port: 3306'],
    ],
    [
      'port, new, same labels',
      newFile,
      { kind: 'add port', labels: { app: 'app' }, port: 9229, remotePort: 9229 },
      ['+      - port: "9229"'],
    ],
    [
      'port, new, other labels',
      newFile,
      { kind: 'add port', labels: { app: 'db' }, port: 1, remotePort: 2 },
      ['+  ports-1:', '+    labelSelector:', '+      app: db', '+    ports:', '+      - port: "1:2"'],
    ],
    [
      'sync, old',
      oldFile,
      { kind: 'add sync', labels: { app: 'app' }, local: './', container: '/app', excludes: ['x/'] },
      [
        '+  sync:',
        '+  - labelSelector:',
        '+      app: app',
        '+    localSubPath: ./',
        '+    containerPath: /app',
        '+    excludePaths:',
        '+    - x/',
      ],
    ],
    [
      'sync, new',
      newFile,
      { kind: 'add sync', labels: { app: 'app' }, local: './lib', container: '/lib' },
      ['+      - path: ./lib:/lib'],
    ],
    [
      'selector',
      oldFile,
      { kind: 'add selector', name: 'db', labels: { app: 'db' } },
      ['+  - name: db', '+    labelSelector:', '+      app: db'],
    ],
    [
      'removed image',
      oldFile,
      { kind: 'remove image', name: 'app' },
      ['-images:', '-  app: # the app', '-    image: me/app'],
    ],
    [
      'removed deployment',
      oldFile,
      { kind: 'remove deployment', name: 'app' },
      ['-deployments:', '-- name: app', '-  kubectl:', '-    manifests:', '-    - app.yaml'],
    ],
    ['removed port, old', oldFile, { kind: 'remove port', port: 9229 }, ['-    - port: 9229']],
    [
      'removed port by its remote number, old',
      oldFile,
      { kind: 'remove port', port: 80 },
      ['-    - port: 8080', '-      remotePort: 80'],
    ],
    [
      'removed port by its remote number, new',
      newFile,
      { kind: 'remove port', port: 80 },
      ['-    ports:', '-      - port: "8080:80"'],
    ],
    ['removed port, new', newFile, { kind: 'remove port', port: 8080 }, ['-    ports:', '-      - port: "8080:80"']],
    [
      'removed sync, new',
      newFile,
      { kind: 'remove sync', container: '/app' },
      ['-    sync:', '-      - path: ./:/app # all'],
    ],
    [
      'removed selector',
      oldFile,
      { kind: 'remove selector', name: 'app' },
      ['-  selectors:', '-  - name: app', '-    labelSelector: { app: app }'],
    ],
  ])('%s', (_, text, change, lines) => {
    expect(changed(text, change)).toEqual(lines);
  });

  test.each<[string, Change, RegExp]>([
    ['something that is there', { kind: 'add image', name: 'app', image: 'x' }, /app is in the file already/],
    ['something that is not there', { kind: 'remove image', name: 'ap' }, /no image ap/],
    ['a port that is not there', { kind: 'remove port', port: 1 }, /no port 1/],
    ['a sync that is not there', { kind: 'remove sync', container: '/y' }, /no sync that fits/],
  ])('refuses %s', (_, change, message) => {
    expect(() => changeText(oldFile, change)).toThrow(message);
  });

  test('refuses selectors in the newest version', () => {
    expect(() => changeText(newFile, { kind: 'add selector', name: 'x', labels: { a: 'b' } })).toThrow(
      /no named selectors/,
    );
  });

  test('says what was probably meant', () => {
    expect(() => changeText(oldFile, { kind: 'remove image', name: 'ap' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_EDIT', hint: expect.stringContaining('Did you mean app?') }),
    );
  });

  test.each([
    ['a block', newFile],
    ['braces', newFile.replace(/ports:\n.*\n/, 'ports: [{port: "1:2"}]\n')],
  ])('quotes a port mapping that it adds to %s', (_, text) => {
    const added = changeText(text, { kind: 'add port', labels: { app: 'app' }, port: 3000, remotePort: 80 });
    expect(added).toContain('port: "3000:80"');
  });
});
