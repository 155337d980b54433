import { describe, expect, test } from 'vitest';
import type { Edit } from '../../../../src/config/edit/edit.ts';
import { editText } from '../../../../src/config/edit/edit-text.ts';

const set = (path: Edit['path'], value: unknown): Edit => ({ kind: 'set', path, value });
const append = (path: Edit['path'], value: unknown): Edit => ({ kind: 'append', path, value });
const remove = (path: Edit['path']): Edit => ({ kind: 'remove', path });

const written = `# head
version: v1beta2   # the version

images:
    app:      # four columns
        image: "me/app"   # quoted
        build: {docker: {skipPush: true}}

deployments:
- name: app
  kubectl:
    manifests: [a.yaml,  b.yaml]   # flow
# between
- name: db
  kubectl:
    manifests:
    - db.yaml
dev:
  ports: []
# foot
`;

describe('editText', () => {
  test.each<[string, Edit, string, string]>([
    [
      'adds an entry to a map',
      set(['images', 'db'], { image: 'x' }),
      'skipPush: true}}\n',
      'skipPush: true}}\n    db:\n        image: x\n',
    ],
    [
      'adds to a flow map',
      set(['images', 'app', 'build', 'disabled'], true),
      'skipPush: true}}',
      'skipPush: true}, disabled: true}',
    ],
    ['exchanges a scalar', set(['images', 'app', 'image'], 'you/app'), '"me/app"   #', 'you/app   #'],
    [
      'appends to a flow list',
      append(['deployments', 0, 'kubectl', 'manifests'], 'c.yaml'),
      'b.yaml]',
      'b.yaml, c.yaml]',
    ],
    [
      'appends to a block list',
      append(['deployments', 1, 'kubectl', 'manifests'], 'c.yaml'),
      '- db.yaml\n',
      '- db.yaml\n    - c.yaml\n',
    ],
    [
      'appends a map to a list',
      append(['deployments'], { name: 'x', kubectl: { manifests: ['y'] } }),
      '- db.yaml\n',
      '- db.yaml\n- name: x\n  kubectl:\n      manifests:\n        - "y"\n',
    ],
    ['removes a list entry', remove(['deployments', 1]), '- name: db\n  kubectl:\n    manifests:\n    - db.yaml\n', ''],
    [
      'removes the first list entry',
      remove(['deployments', 0]),
      '- name: app\n  kubectl:\n    manifests: [a.yaml,  b.yaml]   # flow\n',
      '',
    ],
    ['removes from a flow list', remove(['deployments', 0, 'kubectl', 'manifests', 0]), 'a.yaml,  b', 'b'],
    ['removes a map entry', remove(['images', 'app', 'build']), '        build: {docker: {skipPush: true}}\n', ''],
    [
      'removes emptied parents',
      remove(['images', 'app']),
      'images:\n    app:      # four columns\n        image: "me/app"   # quoted\n        build: {docker: {skipPush: true}}\n',
      '',
    ],
    [
      'fills an empty list',
      append(['dev', 'ports'], { forward: [{ port: 1 }] }),
      'ports: []\n',
      'ports:\n    - forward:\n        - port: 1\n',
    ],
    ['adds missing parents', set(['hooks', 'x', 'y'], 1), '# foot\n', 'hooks:\n    x:\n        "y": 1\n# foot\n'],
  ])('%s', (_, edit, before, after) => {
    const result = editText(written, [edit]);
    expect(result).toBe(written.replace(before, after));
  });

  test('keeps Windows line ends and a byte order mark', () => {
    const text = `\ufeff${written.replaceAll('\n', '\r\n')}`;
    const result = editText(text, [set(['images', 'db'], { image: 'x' })]);
    expect(result).toBe(text.replace('true}}\r\n', 'true}}\r\n    db:\r\n        image: x\r\n'));
  });

  test('works on an empty text', () => {
    expect(editText('', [set(['version'], 'v2beta1')])).toBe('version: v2beta1\n');
  });

  test('refuses what would change something else', () => {
    const text = 'a: &x\n  b: 1\nc: *x\n';
    expect(() => editText(text, [set(['a', 'd'], 2)])).toThrow(/cannot be changed/);
  });

  test('refuses a file with mistakes', () => {
    expect(() => editText('a: [\n', [set(['b'], 2)])).toThrow(/not valid YAML/);
  });
});
