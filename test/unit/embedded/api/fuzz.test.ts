import { Readable } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatusError } from '../../../../src/embedded/api/status.ts';
import { startTestApi, type TestApi } from '../../../helpers/embedded-api.ts';

let api: TestApi;
beforeAll(async () => {
  const refuse = () => Promise.reject(new StatusError(500, '', 'nothing runs here'));
  api = await startTestApi({
    assertRunning: () => {
      throw new StatusError(500, '', 'nothing runs here');
    },
    log: () => Readable.from(['a line']),
    exec: refuse,
    attach: () => {
      throw new Error('never reached');
    },
    connect: refuse,
  });
  await api.request('POST', '/apis/apps/v1/namespaces/default/deployments', valid.deployment);
  await api.request('POST', '/api/v1/namespaces/default/pods', valid.pod);
});
afterAll(() => api.close());

const template = {
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [{ name: 'c', image: 'busybox', env: [{ name: 'A', value: 'b' }], ports: [{ containerPort: 1 }] }],
  },
};
const valid = {
  deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', labels: { app: 'a' }, annotations: { a: 'b' } },
    spec: { replicas: 1, selector: { matchLabels: { app: 'a' } }, template, strategy: { type: 'RollingUpdate' } },
  },
  pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { ...template.spec, volumes: [] } },
  service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { selector: {}, ports: [{ port: 80 }] },
  },
  secret: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==' }, type: 'Opaque' },
  definition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.x.io' },
    spec: {
      group: 'x.io',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  role: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'r' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    subjects: [{ kind: 'User', name: 'u' }],
  },
  quota: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '9' } } },
};

/** Puts something else in the place of one value anywhere in an object. */
function replaceAt(value: unknown, steps: readonly number[], other: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[step % (keys.length || 1)];
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaceAt(copy[key], rest, other);
  return copy;
}

const mutated = fc
  .tuple(fc.constantFrom(...Object.values(valid)), fc.array(fc.nat(9), { minLength: 1, maxLength: 7 }), fc.jsonValue())
  .map(([object, steps, other]) => JSON.stringify(replaceAt(object, steps, other)));
const patch = fc
  .array(
    fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: fc.constantFrom(
        '',
        '/',
        '/spec',
        '/spec/template/spec/containers/0',
        '/metadata/name',
        '/spec/x/-',
        '/~2',
        'x',
      ),
      from: fc.constantFrom('/spec', '/none', '/metadata'),
      value: fc.jsonValue(),
    }),
    { maxLength: 4 },
  )
  .map((operations) => JSON.stringify(operations));
const body = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 2, arbitrary: patch },
  fc.json(),
  fc.string(),
  fc.constant('a: [b\nc: &x *x'),
);

const places = [
  '/apis/apps/v1/namespaces/default/deployments',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/services',
  '/api/v1/namespaces/default/secrets',
  '/api/v1/namespaces/default/resourcequotas',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  '/apis/x.io/v1/namespaces/default/things',
  '/openapi/v3/apis/apps/v1',
  '/api/v1/namespaces',
];
const names = ['', '/a', '/p', '/s', '/things.x.io', '/%zz', '/%2e%2e', '//'];
const subs = ['', '', '', '/status', '/scale', '/log', '/exec', '/eviction', '/token', '/finalize', '/none'];
const path = fc
  .tuple(fc.constantFrom(...places), fc.constantFrom(...names), fc.constantFrom(...subs))
  .map((parts) => parts.join(''));
const word = fc.oneof(fc.constantFrom('', '1', '-1', 'true', 'a=b', '!', 'a in (', 'All', 'x'), fc.string());
const query = fc.dictionary(
  fc.constantFrom(
    ...['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'dryRun', 'fieldManager', 'force'],
    ...['fieldValidation', 'includeObject', 'container', 'tailLines', 'sinceTime', 'propagationPolicy', 'command'],
  ),
  word,
  { maxKeys: 3 },
);
const types = ['json', 'json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml', 'yaml'];
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'OPTIONS'),
  path,
  query,
  body,
  type: fc.constantFrom(...types).map((type) => `application/${type}`),
  accept: fc.constantFrom('application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io', '*/*', 'x'),
});

test('any request gets an answer that the server meant to give', { timeout: 60_000 }, async () => {
  const send = async ({
    method,
    path,
    query,
    body,
    type,
    accept,
  }: typeof request extends fc.Arbitrary<infer T> ? T : never) => {
    const url = `${path}?${new URLSearchParams(query).toString()}`;
    const headers = { 'content-type': type, accept };
    const answer = await api.request(method, url, method === 'GET' ? undefined : body, { headers });
    // `Internal error occurred` is how the server tells a mistake of its own
    expect(answer.body.message ?? '', `${method} ${url} ${body}`).not.toContain('Internal error occurred');
    expect(answer.code).toBeLessThan(600);
  };
  await fc.assert(fc.asyncProperty(request, send), { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) });
  expect((await api.request('GET', '/version')).code).toBe(200);
});

test('bytes that are no request harm nothing', async () => {
  const head = 'GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\n';
  const wrong = [
    'nonsense\r\n\r\n',
    `${head}Content-Length: -1\r\n\r\n`,
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    head,
    `${head}X: ${'x'.repeat(100_000)}\r\n\r\n`,
    `${head.replace('namespaces', 'namespaces/default/pods/p/exec')}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n\0\0\0`,
    `${head.replace('GET', 'POST')}Content-Length: 100\r\n\r\n{"kind"`,
    '\0\u00ff\u0016',
  ];
  for (const text of wrong) {
    const socket = connect({ host: '127.0.0.1', port: api.port, ca: api.authority.certificate });
    await new Promise<void>((resolve) => {
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.once('data', () => socket.destroy());
      socket.end(text, 'latin1');
      socket.resume();
    });
  }
  expect((await api.request('GET', '/version')).code).toBe(200);
});
