import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../src/embedded/api/certificates.ts';
import { ago } from '../../../../src/embedded/api/columns.ts';
import { jsonPatch, mergePatch } from '../../../../src/embedded/api/patch.ts';
import { decodeProtobuf } from '../../../../src/embedded/api/protobuf.ts';
import { toRequestInfo } from '../../../../src/embedded/api/request-info.ts';
import { builtInType, mismatches } from '../../../../src/embedded/api/schema.ts';
import { labelSelector, matchesSelector } from '../../../../src/embedded/api/selectors.ts';
import { createStore } from '../../../../src/embedded/api/store.ts';
import { strategicMerge } from '../../../../src/embedded/api/strategic-merge.ts';
import { type Deployment, planScales } from '../../../../src/embedded/controllers/deployment.ts';
import type { ReplicaSet } from '../../../../src/embedded/controllers/replica-set.ts';

describe('patches', () => {
  test('merge patch: RFC 7386', () => {
    expect(mergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({
      a: 'z',
      c: { d: 'e' },
    });
    expect(mergePatch({ a: [1] }, { a: [2, 3] })).toEqual({ a: [2, 3] });
  });

  test('JSON patch: RFC 6902, on a copy', () => {
    const before = { a: [1, 2], 'x/y': { '~': 1 } };
    expect(
      jsonPatch(before, [
        { op: 'add', path: '/a/1', value: 9 },
        { op: 'remove', path: '/x~1y/~0' },
        { op: 'move', from: '/a/0', path: '/b' },
        { op: 'copy', from: '/b', path: '/a/-' },
      ]),
    ).toEqual({ a: [9, 2, 1], b: 1, 'x/y': {} });
    expect(before).toEqual({ a: [1, 2], 'x/y': { '~': 1 } });
    expect(() => jsonPatch(before, [{ op: 'test', path: '/a/0', value: 5 }])).toThrow(
      'the server rejected our request',
    );
    expect(jsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])).not.toHaveProperty(
      'polluted',
    );
  });

  const pod = builtInType('V1PodSpec');
  test.each([
    [
      'adds to a list by key',
      { containers: [{ name: 'b', image: 'y' }] },
      {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'y' },
        ],
      },
    ],
    [
      'merges an entry',
      { containers: [{ name: 'a', args: ['1'] }] },
      { containers: [{ name: 'a', image: 'x', args: ['1'] }] },
    ],
    ['deletes an entry', { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [] }],
    ['replaces a list', { containers: [{ $patch: 'replace' }, { name: 'c' }] }, { containers: [{ name: 'c' }] }],
    [
      'orders',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b' }] },
      { containers: [{ name: 'b' }, { name: 'a', image: 'x' }] },
    ],
  ])('strategic merge %s', (_name, patch, expected) => {
    expect(strategicMerge({ containers: [{ name: 'a', image: 'x' }] }, patch, pod)).toEqual(expected);
  });

  test('strategic merge replaces lists without a key and drops what retainKeys leaves out', () => {
    const volume = { volumes: [{ name: 'v', emptyDir: {} }] };
    expect(
      strategicMerge(
        volume,
        { volumes: [{ name: 'v', $retainKeys: ['name', 'secret'], secret: { secretName: 's' } }] },
        pod,
      ),
    ).toEqual({ volumes: [{ name: 'v', secret: { secretName: 's' } }] });
    expect(strategicMerge({ tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] }, pod)).toEqual({
      tolerations: [{ key: 'b' }],
    });
  });
});

describe('selectors', () => {
  test.each([
    ['a=b', true],
    ['a!=b', false],
    ['x!=b', true],
    ['a in (b,c),!x', true],
    ['a notin (b)', false],
    ['a', true],
    ['!a', false],
    ['x', false],
  ])('%s', (text, expected) => {
    expect(labelSelector(text)({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' } } })).toBe(
      expected,
    );
  });
  test('an empty selector matches all, a missing one nothing', () => {
    expect([matchesSelector({}, {}), matchesSelector(undefined, {})]).toEqual([true, false]);
  });
});

test.each([
  [
    'GET',
    '/api/v1/namespaces/a/pods/p/log',
    { verb: 'get', resource: { plural: 'pods', namespace: 'a', name: 'p', subresource: 'log' } },
  ],
  ['GET', '/api/v1/pods?watch=true', { verb: 'watch', resource: { plural: 'pods', namespace: '', name: '' } }],
  [
    'DELETE',
    '/apis/apps/v1/namespaces/a/deployments',
    { verb: 'deletecollection', resource: { group: 'apps', plural: 'deployments' } },
  ],
  [
    'PUT',
    '/api/v1/namespaces/a/finalize',
    { verb: 'update', resource: { plural: 'namespaces', name: 'a', namespace: 'a', subresource: 'finalize' } },
  ],
  ['GET', '/apis/apps/v1', { verb: 'get', resource: undefined }],
])('%s %s', (method, url, expected) => {
  expect(toRequestInfo(method, new URL(url, 'https://x'))).toMatchObject(expected);
});

test('the schema finds unknown fields and wrong types, and lets custom values be', () => {
  const spec = {
    containers: [{ name: 'c', imag: 'x', ports: [{ containerPort: 'no' }], resources: { limits: { cpu: 1 } } }],
    replicas: 2,
  };
  expect(
    mismatches(spec, builtInType('V1PodSpec'), 'spec').map(({ path: where, problem }) => [where, problem]),
  ).toEqual([
    ['spec.containers[0].imag', 'unknown'],
    ['spec.containers[0].ports[0].containerPort', 'type'],
    ['spec.replicas', 'unknown'],
  ]);
});

describe('the store', () => {
  const object = (name: string, value: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'n' },
    data: { value },
  });

  test('finds its objects again after a crash that left half a line', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'store-'));
    const file = path.join(folder, 'objects.jsonl');
    const first = createStore(file);
    first.put('configmaps', object('a', '1'));
    first.put('configmaps', object('a', '2'));
    const b = first.put('configmaps', object('b', '1'));
    first.remove('configmaps', b);
    const revision = first.revision();
    first.close();
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"key":"configmaps","id":"n/c","obj`);
    const second = createStore(file);
    expect(second.list('configmaps').map(({ metadata, data }) => [metadata.name, data])).toEqual([
      ['a', { value: '2' }],
    ]);
    expect(second.revision()).toBe(revision);
    expect(() => second.watch('configmaps', revision - 1, () => {})).toThrow('too old resource version');
    second.close();
    rmSync(folder, { recursive: true });
  });

  test('tells past and coming events in order', () => {
    const store = createStore();
    const since = store.revision();
    store.put('configmaps', object('a', '1'));
    const seen: string[] = [];
    const stop = store.watch('configmaps', since, ({ type, object: { metadata } }) =>
      seen.push(`${type} ${metadata.name}`),
    );
    store.put('configmaps', object('a', '2'));
    stop();
    store.put('configmaps', object('a', '3'));
    expect(seen).toEqual(['ADDED a', 'MODIFIED a']);
  });
});

test('certificates are signed by their authority, also after a restart', () => {
  const authority = createAuthority('ca');
  const again = createAuthority('ca', authority);
  const { certificate, key } = again.issue('server', {
    subject: { commonName: 'x', organizations: ['o'] },
    hosts: ['127.0.0.1', 'localhost'],
    days: 1,
  });
  const leaf = new X509Certificate(certificate);
  expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect([leaf.subject, leaf.checkIP('127.0.0.1'), leaf.checkHost('localhost')]).toEqual([
    'O=o\nCN=x',
    '127.0.0.1',
    'localhost',
  ]);
});

test('protobuf of a typed client is read as the object that it is', () => {
  const field = (number: number, data: Buffer | string) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.from(data).length]), Buffer.from(data)]);
  const data = field(2, Buffer.concat([field(1, 'k'), field(2, 'v')]));
  const secret = Buffer.concat([
    field(1, Buffer.concat([field(1, 's'), field(3, '')])),
    data,
    field(3, 'Opaque'),
    Buffer.from([0x28, 1]),
  ]);
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, 'v1'), field(2, 'Secret')])),
    field(2, secret),
  ]);
  expect(decodeProtobuf(body)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { k: 'dg==' },
    type: 'Opaque',
    immutable: true,
  });
  expect(() => decodeProtobuf(body.subarray(0, -9))).toThrow('unexpected EOF');
});

test.each([
  [5, '5s'],
  [119, '119s'],
  [121, '2m1s'],
  [600, '10m'],
  [7260, '121m'],
  [11_000, '3h3m'],
  [100_000, '27h'],
  [200_000, '2d7h'],
])('%i seconds are %s', (seconds, text) => {
  expect(ago(new Date(0).toISOString(), seconds * 1000)).toBe(text);
});

describe('a rolling update', () => {
  const set = (name: string, replicas: number, available: number): ReplicaSet => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name },
    spec: { replicas, template: { spec: { containers: [] } } },
    status: { replicas, availableReplicas: available },
  });
  const deployment = (replicas: number, strategy: NonNullable<Deployment['spec']['strategy']>): Deployment => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { replicas, strategy, template: { spec: { containers: [] } } },
  });
  const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge, maxUnavailable },
  });

  test.each([
    ['starts with the surge', deployment(4, rolling(1, 0)), [set('old', 4, 4), set('new', 0, 0)], { old: 4, new: 1 }],
    [
      'takes one away when one is available',
      deployment(4, rolling(1, 0)),
      [set('old', 4, 4), set('new', 1, 1)],
      { old: 3, new: 1 },
    ],
    ['may take away first', deployment(4, rolling(0, 1)), [set('old', 4, 4), set('new', 0, 0)], { old: 3, new: 0 }],
    [
      'removes broken old pods first',
      deployment(2, rolling(1, 0)),
      [set('old', 2, 1), set('new', 1, 1)],
      { old: 1, new: 1 },
    ],
    [
      'waits for the old to be gone',
      deployment(2, { type: 'Recreate' }),
      [set('old', 2, 2), set('new', 0, 0)],
      { old: 0, new: 0 },
    ],
    ['then starts all', deployment(2, { type: 'Recreate' }), [set('old', 0, 0), set('new', 0, 0)], { old: 0, new: 2 }],
    ['scales up at once without old ones', deployment(3, rolling('25%', '25%')), [set('new', 0, 0)], { new: 3 }],
    ['scales down', deployment(1, rolling('25%', '25%')), [set('new', 3, 3)], { new: 1 }],
  ])('%s', (_name, given, sets, expected) => {
    expect(Object.fromEntries(planScales(given, 'new', sets))).toEqual(expected);
  });
});
