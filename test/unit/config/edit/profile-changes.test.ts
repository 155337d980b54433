import { describe, expect, test } from 'vitest';
import { fromData, toData } from '../../../../src/config/document/node.ts';
import { toProfileChanges } from '../../../../src/config/edit/profile-changes.ts';
import { applyProfiles } from '../../../../src/config/profiles/apply.ts';

type Document = Record<string, unknown>;

const base: Document = {
  images: { app: { image: 'me/app', tags: ['a'] } },
  dev: { app: { labelSelector: { 'app.kubernetes.io/name': 'x' }, ports: [{ port: '80' }], sync: [{ path: '.:.' }] } },
  pipelines: { deploy: { run: 'build_images app' } },
  hooks: [{ name: 'one', command: 'a' }],
};

describe('toProfileChanges', () => {
  test.each<[string, Document, Document]>([
    ['nothing', {}, { merge: {}, patches: [] }],
    [
      'a value',
      { images: { app: { image: 'me/other', tags: ['a'] } } },
      { merge: { images: { app: { image: 'me/other' } } }, patches: [] },
    ],
    ['a key that is gone', { images: {} }, { merge: { images: { app: null } }, patches: [] }],
    ['a section that is gone', { hooks: undefined }, { merge: {}, patches: [{ op: 'remove', path: 'hooks' }] }],
    [
      'a list that has grown',
      { dev: { app: { ...(base.dev as Record<string, Document>).app, ports: [{ port: '80' }, { port: '81' }] } } },
      { merge: {}, patches: [{ op: 'add', path: 'dev.app.ports', value: { port: '81' } }] },
    ],
    [
      'something inside a list',
      { hooks: [{ name: 'one', command: 'b' }] },
      { merge: {}, patches: [{ op: 'replace', path: 'hooks[0].command', value: 'b' }] },
    ],
    ['a list that has shrunk', { hooks: [] }, { merge: { hooks: [] }, patches: [] }],
    [
      'a section that merge does not know',
      { pipelines: { deploy: { run: 'true' } } },
      { merge: {}, patches: [{ op: 'replace', path: 'pipelines.deploy.run', value: 'true' }] },
    ],
    [
      'a value that holds null',
      { images: { app: { image: 'me/app', tags: ['a'], buildArgs: { A: null } } } },
      { merge: {}, patches: [{ op: 'replace', path: 'images.app.buildArgs', value: { A: null } }] },
    ],
  ])('says %s, and leads there', (_, changes, expected) => {
    const after = Object.fromEntries(
      Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined),
    );
    const said = toProfileChanges(base, after);
    expect(said).toEqual(expected);
    const span = { source: { path: '', text: '' }, start: 0, end: 0 };
    const root = fromData(base, span);
    const profile = { name: 'p', node: fromData({ name: 'p', ...said }, span) };
    const applied = root.kind === 'mapping' ? applyProfiles(root, [profile]) : undefined;
    expect(applied?.problems).toEqual([]);
    expect(applied && toData(applied.root)).toEqual(after);
  });

  test('writes names with dots in brackets', () => {
    const one = { labels: [{ 'a.b/c': 1 }] };
    const other = { labels: [{ 'a.b/c': 2 }] };
    expect(toProfileChanges({ dev: one }, { dev: other }).patches).toEqual([
      { op: 'replace', path: "dev.labels[0]['a.b/c']", value: 2 },
    ]);
  });
});
