import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../helpers/embedded-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const map = (name: string, data: Record<string, string> = { k: 'v' }) => ({ metadata: { name }, data });
const deployment = (spec = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'busybox' }] } },
    ...spec,
  },
});

describe('bad input', () => {
  const strict = '?fieldValidation=Strict';
  test.each([
    ['malformed JSON', 'POST', configMaps, '{bad', 400, 'BadRequest', 'json parse error'],
    [
      'no name',
      'POST',
      configMaps,
      {},
      422,
      'Invalid',
      'metadata.name: Required value: name or generateName is required',
    ],
    ['bad name', 'POST', configMaps, map('A_B'), 422, 'Invalid', 'a lowercase RFC 1123 subdomain'],
    [
      'other namespace',
      'POST',
      configMaps,
      { metadata: { name: 'a', namespace: 'x' } },
      400,
      'BadRequest',
      'does not match the namespace',
    ],
    [
      'wrong type',
      'POST',
      deployments,
      deployment({ replicas: 'two' }),
      400,
      'BadRequest',
      'json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32',
    ],
    [
      'unknown field',
      'POST',
      deployments + strict,
      deployment({ foo: 1 }),
      400,
      'BadRequest',
      'strict decoding error: unknown field "spec.foo"',
    ],
    [
      'selector',
      'POST',
      deployments,
      deployment({ selector: { matchLabels: { a: 'b' } } }),
      422,
      'Invalid',
      '`selector` does not match template `labels`',
    ],
    [
      'no such namespace',
      'POST',
      '/api/v1/namespaces/no/configmaps',
      map('a'),
      404,
      'NotFound',
      'namespaces "no" not found',
    ],
    [
      'too large',
      'POST',
      configMaps,
      map('a', { k: 'x'.repeat(3_200_000) }),
      413,
      'RequestEntityTooLarge',
      'limit is 3145728',
    ],
    ['missing', 'GET', `${configMaps}/none`, undefined, 404, 'NotFound', 'configmaps "none" not found'],
    ['unknown resource', 'GET', '/api/v1/nope', undefined, 404, 'NotFound', 'could not find the requested resource'],
    [
      'bad field selector',
      'GET',
      `${configMaps}?fieldSelector=a.b%3Dc`,
      undefined,
      400,
      'BadRequest',
      'field label not supported: a.b',
    ],
  ])('%s', async (_name, method, path, body, code, reason, message) => {
    const answer = await api.request(method, path, body);
    expect(answer).toMatchObject({
      code,
      body: { kind: 'Status', status: 'Failure', code, reason, message: expect.stringContaining(message) },
    });
  });

  test('a field that cannot change', async () => {
    await api.request('POST', deployments, deployment());
    const labels = { app: 'other' };
    const patch = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
    const answer = await api.request('PATCH', `${deployments}/web`, patch, {
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(answer).toMatchObject({
      code: 422,
      body: {
        message: expect.stringContaining('spec.selector: Invalid value: v1.LabelSelector{'),
        details: { causes: [{ field: 'spec.selector' }] },
      },
    });
  });

  test('bytes that are no TLS harm nothing', async () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) =>
      socket
        .on('close', resolve)
        .on('error', () => {})
        .resume(),
    );
    expect((await api.request('GET', '/version')).body.gitVersion).toMatch(/^v1\.\d+/);
  });
});

describe('logins', () => {
  test('a wrong token is refused, no token is anonymous', async () => {
    expect(await api.request('GET', configMaps, undefined, { token: 'wrong' })).toMatchObject({
      code: 401,
      body: { reason: 'Unauthorized', message: 'Unauthorized' },
    });
    expect((await api.request('GET', configMaps, undefined, { token: null })).body.message).toBe(
      'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
  });

  test('a client certificate names user and groups', async () => {
    const admin = api.authority.issue('client', {
      subject: { commonName: 'ann', organizations: ['system:masters'] },
      days: 1,
    });
    expect((await api.request('GET', configMaps, undefined, { token: null, cert: admin })).code).toBe(200);
    const joe = api.authority.issue('client', { subject: { commonName: 'joe' }, days: 1 });
    expect((await api.request('GET', '/api/v1/nodes', undefined, { token: null, cert: joe })).body.message).toBe(
      'nodes is forbidden: User "joe" cannot list resource "nodes" in API group "" at the cluster scope',
    );
  });

  test('a service account may do what its role says and no more', async () => {
    const { body } = await api.request('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {
      spec: {},
    });
    const token = body.status.token as string;
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    await api.request('POST', `${rbac}/roles`, {
      metadata: { name: 'r' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    });
    await api.request('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'b' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    });
    expect((await api.request('GET', `${configMaps}/kube-root-ca.crt`, undefined, { token })).code).toBe(200);
    expect((await api.request('GET', configMaps, undefined, { token })).code).toBe(403);
    expect(
      (await api.request('GET', '/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt', undefined, { token }))
        .code,
    ).toBe(403);
    api.authenticator.revoke(token);
    expect((await api.request('GET', `${configMaps}/kube-root-ca.crt`, undefined, { token })).code).toBe(401);
  });
});
