import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../helpers/embedded-api.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const namespaces = '/api/v1/namespaces';

test('fails the second request of a kind, and only that', async () => {
  api.faults.add({ kind: 'fail', code: 503, verb: 'list', plural: 'namespaces', from: 2, times: 1 });
  const codes = [];
  for (let i = 0; i < 3; i += 1) codes.push((await api.request('GET', namespaces)).code);
  codes.push((await api.request('GET', `${namespaces}/default`)).code);
  expect(codes).toEqual([200, 503, 200, 200]);
});

test('delays', async () => {
  const remove = api.faults.add({ kind: 'delay', ms: 200, path: /^\/version$/ });
  const begin = Date.now();
  await api.request('GET', '/version');
  expect(Date.now() - begin).toBeGreaterThanOrEqual(195);
  remove();
});

test.each([
  ['breaks the connection at once', { kind: 'fail', code: 0 } as const],
  ['cuts the answer', { kind: 'cut', afterBytes: 300, direction: 'sent' } as const],
  ['ends the answer early', { kind: 'truncate', afterBytes: 300 } as const],
])('%s', async (_name, fault) => {
  api.faults.add({ ...fault, plural: 'namespaces' });
  await expect(api.request('GET', namespaces)).rejects.toThrow();
  api.faults.clear();
  expect((await api.request('GET', namespaces)).code).toBe(200);
});

test('swallows everything after a while, and nobody says so', async () => {
  const remove = api.faults.add({ kind: 'black-hole', afterBytes: 1000, verb: 'watch' });
  const watch = api.stream(`${namespaces}?watch=1&resourceVersion=${api.objects.store.revision()}`);
  const healthy = api.stream(
    `${namespaces}/default/configmaps?watch=1&resourceVersion=${api.objects.store.revision()}`,
  );
  await api.request('POST', namespaces, { metadata: { name: 'one' } });
  for (const name of ['two', 'three', 'four']) await api.request('POST', namespaces, { metadata: { name } });
  expect((await api.request('GET', namespaces)).body.items.length).toBe(8);
  expect(watch.lines.length).toBeLessThan(4);
  expect(await Promise.race([watch.ended.then(() => 'ended'), Promise.resolve('open')])).toBe('open');
  remove();
  watch.close();
  healthy.close();
});

test('a restart breaks open watches; the next request works', async () => {
  const watch = api.stream(`${namespaces}?watch=1`);
  await watch.until((lines) => lines.length > 0);
  api.faults.restart();
  await watch.ended;
  expect((await api.request('GET', namespaces)).code).toBe(200);
});

test('cuts an upload', async () => {
  api.faults.add({ kind: 'cut', afterBytes: 100_000, direction: 'received', verb: 'create', plural: 'configmaps' });
  const configMap = { metadata: { name: 'big' }, data: { text: 'x'.repeat(900_000) } };
  const create = () => api.request('POST', `${namespaces}/default/configmaps`, configMap);
  await expect(create()).rejects.toThrow();
  api.faults.clear();
  expect((await create()).code).toBe(201);
});

test('slows down and cuts what is open already, and only that', async () => {
  const one = api.stream(`${namespaces}/default/configmaps?watch=1`);
  const two = api.stream(`${namespaces}/kube-public/configmaps?watch=1`);
  for (const watch of [one, two]) await watch.until((lines) => lines.length > 0);
  expect(api.faults.strike({ kind: 'slow', ms: 200, verb: 'watch', path: /default/ })).toBe(1);
  const begin = Date.now();
  await api.request('POST', `${namespaces}/default/configmaps`, { metadata: { name: 'late' } });
  await one.until((lines) => lines.length > 1);
  expect(Date.now() - begin).toBeGreaterThanOrEqual(195);
  expect(api.faults.strike({ kind: 'cut', afterBytes: 0, direction: 'sent', path: /public/ })).toBe(1);
  await two.ended;
  one.close();
});

test('a restart may take a while, in which connections are refused', async () => {
  api.faults.restart(300);
  await expect(api.request('GET', namespaces)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await waitFor(async () => expect((await api.request('GET', namespaces)).code).toBe(200));
});
