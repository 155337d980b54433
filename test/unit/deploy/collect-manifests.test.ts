import { describe, expect, test } from 'vitest';
import { collectManifests } from '../../../src/deploy/collect-manifests.ts';
import { thrownBy } from '../../helpers/error-of.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const object = (name: string, kind = 'ConfigMap') => `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

function collect(files: Readonly<Record<string, string>>, manifests: readonly string[]) {
  const root = tempFolder();
  writeFiles(root, files);
  return collectManifests({ name: 'app', manifests }, root);
}

const names = (files: Readonly<Record<string, string>>, ...manifests: string[]) =>
  collect(files, manifests).map(({ metadata }) => metadata.name);

const files = {
  'kube/b.yaml': object('b'),
  'kube/a.yml': object('a'),
  'kube/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'c' } }),
  'kube/notes.txt': 'no manifest',
  'kube/deeper/d.yaml': object('d'),
  'single.yaml': object('single'),
};

test.each([
  [['single.yaml'], ['single']],
  [['kube'], ['a', 'b', 'c']],
  [['kube/'], ['a', 'b', 'c']],
  [['kube/*.yaml'], ['b']],
  [['kube/**/*.y*ml'], ['a', 'b', 'd']],
  [['ku*'], ['a', 'b', 'c']],
  [
    ['single.yaml', 'kube/b.yaml'],
    ['single', 'b'],
  ],
  [
    ['kube/b.yaml', 'kube'],
    ['b', 'a', 'c'],
  ],
])('%j gives %j', (manifests, expected) => {
  expect(names(files, ...manifests)).toEqual(expected);
});

test('documents of a file come in their order, empty ones count for nothing', () => {
  expect(names({ 'a.yaml': `---\n${object('one')}---\n---\n# nothing\n---\n${object('two')}---\n` }, 'a.yaml')).toEqual(
    ['one', 'two'],
  );
});

test('lists are unfolded, also inside each other', () => {
  const item = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [item('a'), { apiVersion: 'v1', kind: 'List', items: [item('b')] }],
  };
  expect(names({ 'list.json': JSON.stringify(list) }, 'list.json')).toEqual(['a', 'b']);
});

test('octal modes are numbers, and words that other YAML versions know stay words', () => {
  const text = `${object('a')}data: { on: "yes", plain: yes, country: NO }\nmode: 0755\nport: 0o17\ntime: 12:30:45\n`;
  const [read] = collect({ 'a.yaml': text }, ['a.yaml']);
  expect(read?.['mode']).toBe(0o755);
  expect(read?.['time']).toBe('12:30:45');
});

describe('DEPLOY_MANIFEST', () => {
  const failure = (content: Readonly<Record<string, string>>, ...manifests: string[]) => {
    const error = thrownBy(() => collect(content, manifests));
    expect(error.code).toBe('DEPLOY_MANIFEST');
    return error.message;
  };

  test('for broken YAML, with file and line', () => {
    const text = `${object('a')}data:\n  key: [1, 2\nother: x\n`;
    expect(failure({ 'kube/a.yaml': text }, 'kube')).toMatch(/^kube\/a\.yaml:[567]:\d+: /);
  });

  test('for broken YAML in a later document, with the line of the file', () => {
    const text = `${object('a')}---\n${object('b')}  bad: indent\n`;
    expect(failure({ 'a.yaml': text }, 'a.yaml')).toMatch(/^a\.yaml:[78]:\d+: /);
  });

  test.each([
    ['a text', 'just words', /a\.yaml, document 1 is not a Kubernetes object/],
    ['no kind', 'apiVersion: v1\nmetadata: { name: a }\n', /kind is missing/],
    ['no apiVersion', 'kind: Pod\nmetadata: { name: a }\n', /apiVersion is missing/],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n', /metadata\.name is missing/],
    ['no metadata', 'apiVersion: v1\nkind: Pod\n', /metadata\.name is missing/],
    ['a bad item', 'apiVersion: v1\nkind: List\nitems: [{ kind: Pod }]\n', /item 1 .*apiVersion is missing/],
    ['a bad second document', `${object('a')}---\n- list\n`, /document 2 is not/],
  ])('for %s', (_name, text, expected) => {
    expect(failure({ 'a.yaml': text }, 'a.yaml')).toMatch(expected);
  });

  test('for a file, a folder or a pattern that has nothing', () => {
    expect(failure({}, 'missing.yaml')).toContain('missing.yaml');
    expect(failure({ 'kube/notes.txt': '' }, 'kube')).toContain('the folder kube has no manifest');
    expect(failure({}, 'kube/*.yaml')).toContain('no file fits the manifest pattern kube/*.yaml');
  });
});
