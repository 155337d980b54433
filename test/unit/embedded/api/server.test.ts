import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at } from '../../../../src/embedded/api/objects.ts';
import { type Body, startTestApi, type TestApi } from '../../../helpers/embedded-api.ts';

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

describe('objects', () => {
  test('are created with everything clients rely on', async () => {
    const { code, body } = await api.request('POST', deployments, deployment());
    expect(code).toBe(201);
    expect(body.metadata).toMatchObject({
      generation: 1,
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(body.spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
    });
    expect(at(body, 'spec', 'template', 'spec', 'containers', 0)).toMatchObject({ imagePullPolicy: 'Always' });
  });

  test('a service gets an address and keeps it', async () => {
    const services = '/api/v1/namespaces/default/services';
    const { body } = await api.request('POST', services, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
    expect(body.spec).toMatchObject({
      clusterIP: expect.stringMatching(/^10\.96\./),
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
    const again = await api.request('PUT', `${services}/s`, {
      metadata: { name: 's' },
      spec: { ports: [{ port: 81 }] },
    });
    expect(again.body.spec.clusterIP).toBe(body.spec.clusterIP);
  });

  test('a write with an old resourceVersion is a conflict', async () => {
    const { body } = await api.request('POST', configMaps, map('a'));
    await api.request('PUT', `${configMaps}/a`, { ...body, data: { k: '1' } });
    const late = await api.request('PUT', `${configMaps}/a`, { ...body, data: { k: '2' } });
    expect(late).toMatchObject({
      code: 409,
      body: { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    });
  });

  test('status and the rest are written apart', async () => {
    await api.request('POST', deployments, deployment());
    const patch = { spec: { replicas: 5 }, status: { replicas: 3 } };
    const merge = { headers: { 'content-type': 'application/merge-patch+json' } };
    const status = await api.request('PATCH', `${deployments}/web/status`, patch, merge);
    expect(status.body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 }, metadata: { generation: 1 } });
    const spec = await api.request('PATCH', `${deployments}/web`, { ...patch, status: { replicas: 9 } }, merge);
    expect(spec.body).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 3 }, metadata: { generation: 2 } });
  });

  test('a dry run changes nothing', async () => {
    expect((await api.request('POST', `${configMaps}?dryRun=All`, map('a'))).code).toBe(201);
    expect((await api.request('GET', `${configMaps}/a`)).code).toBe(404);
  });

  test('finalizers hold a deleted object until they are gone', async () => {
    await api.request('POST', configMaps, { metadata: { name: 'a', finalizers: ['x/y'] } });
    const deleted = await api.request('DELETE', `${configMaps}/a`);
    expect(deleted.body.metadata.deletionTimestamp).toBeDefined();
    const patch = { metadata: { finalizers: null } };
    await api.request('PATCH', `${configMaps}/a`, patch, {
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect((await api.request('GET', `${configMaps}/a`)).code).toBe(404);
  });

  test('scale reads and writes replicas', async () => {
    await api.request('POST', deployments, deployment());
    const { body } = await api.request('GET', `${deployments}/web/scale`);
    expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { selector: 'app=web' } });
    await api.request('PUT', `${deployments}/web/scale`, { ...body, spec: { replicas: 4 } });
    expect((await api.request('GET', `${deployments}/web`)).body.spec.replicas).toBe(4);
  });

  test('custom resources are served by their definition', async () => {
    const definition = {
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
              },
            },
          },
        ],
      },
    };
    const { body } = await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    api.objects.resources.define(body);
    const things = '/apis/example.com/v1/namespaces/default/things';
    const created = await api.request('POST', things, {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 't' },
      spec: { size: 3, other: 1 },
    });
    expect(created).toMatchObject({
      code: 201,
      body: { spec: { size: 3 } },
      headers: { warning: '299 - "unknown field \\"spec.other\\""' },
    });
    expect((await api.request('GET', '/apis/example.com/v1')).body.resources[0]).toMatchObject({
      name: 'things',
      kind: 'Thing',
    });
  });
});

describe('lists', () => {
  test('are selected by labels and fields and cut into pages', async () => {
    for (const name of ['a', 'b', 'c'])
      await api.request('POST', configMaps, { metadata: { name, labels: { n: name } } });
    const names = async (query: string) =>
      (await api.request('GET', `${configMaps}?${query}`)).body.items.map((item) => item.metadata.name);
    expect(await names('labelSelector=n+in+(a,c)')).toEqual(['a', 'c']);
    expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b']);
    const first = (await api.request('GET', `${configMaps}?limit=2`)).body;
    expect(first.metadata).toMatchObject({ remainingItemCount: 2 });
    const second = (await api.request('GET', `${configMaps}?limit=2&continue=${first.metadata.continue}`)).body;
    expect(second.metadata.continue).toBeUndefined();
    expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual([
      'a',
      'b',
      'c',
      'kube-root-ca.crt',
    ]);
  });

  test('of several pages show one state, which is forgotten after a while', async () => {
    const create = (name: string) => api.request('POST', configMaps, { metadata: { name } });
    const page = async (query: string) => (await api.request('GET', `${configMaps}?${query}`)).body;
    const names = ({ items }: Body) => items.map((item) => item.metadata.name);
    for (const name of ['a', 'c', 'e']) await create(name);
    const first = await page('limit=1');
    const { resourceVersion, continue: token } = first.metadata;
    await create('b');
    await api.request('DELETE', `${configMaps}/c`);
    await api.request('PUT', `${configMaps}/e`, { metadata: { name: 'e' }, data: { k: 'new' } });
    const second = await page(`limit=10&continue=${token}`);
    expect(second.metadata).toEqual({ resourceVersion });
    expect(names(second)).toEqual(['c', 'e', 'kube-root-ca.crt']);
    expect(second.items[1]?.data).toBeUndefined();
    const exact = await page(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
    expect(names(exact)).toEqual(['a', 'c', 'e', 'kube-root-ca.crt']);

    const resource = api.objects.resources.builtIn('configmaps');
    const place = { namespace: 'default', name: 'e' };
    for (let i = 0; i < 1100; i += 1) {
      api.objects.edit(resource, place, { manager: 'test', change: (draft) => (draft['data'] = { k: String(i) }) });
    }
    const late = await api.request('GET', `${configMaps}?limit=10&continue=${token}`);
    expect(late.body).toMatchObject({ code: 410, reason: 'Expired', status: 'Failure' });
    const rest = await page(`continue=${late.body.metadata.continue}`);
    expect(names(rest)).toEqual(['b', 'e', 'kube-root-ca.crt']);
  });

  test('come as a table for kubectl', async () => {
    const { body } = await api.request('GET', '/api/v1/namespaces', undefined, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    expect(body).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Status' }, { name: 'Age' }],
    });
    expect(body.rows[0]?.cells.slice(0, 2)).toEqual(['default', 'Active']);
  });
});

describe('watches', () => {
  test('tell what changes, also for objects that stop to match', async () => {
    const since = api.objects.store.revision();
    const watch = api.stream(`${configMaps}?watch=1&labelSelector=on%3Dyes&resourceVersion=${since}`);
    await api.request('POST', configMaps, { metadata: { name: 'a', labels: { on: 'yes' } } });
    await api.request('POST', configMaps, { metadata: { name: 'b' } });
    await api.request('PUT', `${configMaps}/a`, { metadata: { name: 'a', labels: { on: 'no' } } });
    const lines = await watch.until((all) => all.length >= 2);
    expect(
      lines
        .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } })
        .map(({ type, object }) => [type, object.metadata.name]),
    ).toEqual([
      ['ADDED', 'a'],
      ['DELETED', 'a'],
    ]);
    watch.close();
  });

  test('with a version from before the server started end with 410', async () => {
    for (let i = 0; i < 1100; i += 1)
      api.objects.store.put('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'x', namespace: 'default' },
        data: { i: String(i) },
      });
    const watch = api.stream(`${configMaps}?watch=1&resourceVersion=1`);
    const [line = ''] = await watch.until((all) => all.length >= 1);
    expect(JSON.parse(line)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    await watch.ended;
  });

  test('with initial events say when those are over', async () => {
    const watch = api.stream(
      `${configMaps}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
    );
    const lines = await watch.until((all) => all.length >= 2);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    watch.close();
  });

  test('end in time when asked to', async () => {
    const watch = api.stream(`${configMaps}?watch=1&timeoutSeconds=1`);
    await watch.ended;
  });
});

describe('server-side apply', () => {
  const path = (manager: string, force = '') => `${configMaps}/a?fieldManager=${manager}${force}`;
  const apply = (manager: string, data: Record<string, string>, force?: string) =>
    api.request(
      'PATCH',
      path(manager, force),
      { apiVersion: 'v1', kind: 'ConfigMap', ...map('a', data) },
      { headers: { 'content-type': 'application/apply-patch+yaml' } },
    );

  test('creates, shares equal values, refuses others and names the manager', async () => {
    expect((await apply('one', { k: '1', own: 'x' })).code).toBe(201);
    expect((await apply('two', { k: '1' })).code).toBe(200);
    const refused = await apply('two', { k: '2' });
    expect(refused).toMatchObject({
      code: 409,
      body: {
        message: 'Apply failed with 1 conflict: conflict with "one": .data.k',
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.k' }] },
      },
    });
    expect((await apply('two', { k: '2' }, '&force=true')).body.data).toEqual({ k: '2', own: 'x' });
    expect((await apply('one', {})).body.data).toEqual({ k: '2' });
  });

  test('takes a probe away with all its defaults when it has left the configuration', async () => {
    const readinessProbe = { exec: { command: ['false'] }, periodSeconds: 1 };
    const applied = async (more: object) => {
      const template = {
        metadata: { labels: { app: 'a' } },
        spec: { containers: [{ name: 'c', image: 'busybox:1', ...more }] },
      };
      const spec = { replicas: 0, selector: { matchLabels: { app: 'a' } }, template };
      const { body } = await api.request(
        'PATCH',
        `${configMaps.replace('/api/v1', '/apis/apps/v1').replace('configmaps', 'deployments')}/a?fieldManager=one`,
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec },
        { headers: { 'content-type': 'application/apply-patch+yaml' } },
      );
      return body['spec'];
    };
    const containers = (container: object) => ({ template: { spec: { containers: [container] } } });
    const before = await applied({ readinessProbe });
    expect(before).toMatchObject(containers({ readinessProbe: { ...readinessProbe, failureThreshold: 3 } }));
    const after = await applied({});
    expect(after).toMatchObject(containers({ name: 'c', imagePullPolicy: 'IfNotPresent' }));
    expect(JSON.stringify(after)).not.toContain('readinessProbe');
  });

  test('finds the owner of fields that were written in other ways', async () => {
    await api.request('POST', `${configMaps}?fieldManager=editor`, map('a', { k: 'v' }));
    const { body } = await apply('one', { k: 'w' });
    expect(body.message).toBe('Apply failed with 1 conflict: conflict with "editor" using v1: .data.k');
  });
});
