import { getEventListeners } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { KubeClient, WatchEvent } from '../../../src/kube/client.ts';
import { watchObjects } from '../../../src/kube/watch.ts';
import type { TestApi } from '../../helpers/embedded-api.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { useTestApi } from '../../helpers/kube-of-api.ts';
import { restOf } from '../../helpers/rest-of.ts';

const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', labelSelector: 'app=web' };
const settings = (name: string, color: string, labels: Record<string, string> = { app: 'web' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', labels },
  data: { color },
});
const folder = '/api/v1/namespaces/default/configmaps';

const create = (api: TestApi, name: string, color: string, labels?: Record<string, string>) =>
  api.request('POST', folder, settings(name, color, labels));

function start(kube: KubeClient, watched = query) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const events = kube.watch(watched, { signal: controller.signal })[Symbol.asyncIterator]();
  return { controller, events, next: () => nextOf(events) };
}

async function nextOf(events: AsyncIterator<WatchEvent>): Promise<string> {
  const { value, done } = await events.next();
  if (done) return 'end';
  if (!('object' in value)) return value.type;
  const { color } = (value.object['data'] ?? {}) as { color?: string };
  return `${value.type} ${value.object.metadata.name} ${color}`;
}

test('tells what is there, then every change, with the kind in each object', async () => {
  const { api, kube } = await useTestApi();
  await create(api, 'a', 'red');
  await create(api, 'other', 'red', { app: 'db' });
  const { events, next } = start(kube);
  const first = await events.next();
  expect(first.value).toMatchObject({ type: 'added', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
  expect(await next()).toBe('listed');
  const created = next();
  await create(api, 'b', 'blue');
  expect(await created).toBe('added b blue');
  await api.request('PUT', `${folder}/b`, settings('b', 'green'));
  expect(await next()).toBe('modified b green');
  await api.request('DELETE', `${folder}/a`);
  expect(await next()).toBe('deleted a red');
});

test('after a broken connection nothing is told twice and nothing is missed', async () => {
  const { api, kube } = await useTestApi();
  await create(api, 'a', 'red');
  const { next } = start(kube);
  expect([await next(), await next()]).toEqual(['added a red', 'listed']);
  const waiting = next();
  await create(api, 'b', 'blue');
  expect(await waiting).toBe('added b blue');
  const broken = next();
  api.faults.restart();
  expect(await broken).toBe('interrupted');
  await create(api, 'c', 'white');
  expect([await next(), await next()]).toEqual(['resumed', 'added c white']);
});

test('what the first listing is refused for is thrown; later it is tried again', async () => {
  const { api, kube } = await useTestApi();
  const unfault = api.faults.add({ kind: 'fail', code: 403 });
  expect(await userErrorOf(start(kube).next())).toMatchObject({ code: 'KUBE_FORBIDDEN' });
  unfault();
  const { next } = start(kube);
  expect(await next()).toBe('listed');
  api.faults.add({ kind: 'fail', code: 500, verb: 'watch', times: 2 });
  const interrupted = next();
  api.faults.restart();
  expect(await interrupted).toBe('interrupted');
  const added = next();
  await create(api, 'a', 'red');
  const events = [await added];
  while (['listed', 'interrupted', 'resumed'].includes(events.at(-1) ?? '')) events.push(await next());
  expect(events.at(-1)).toBe('added a red');
});

test('ends with the reason of the signal and leaves nothing', async () => {
  const { kube } = await useTestApi();
  const { controller, next } = start(kube);
  await next();
  const waiting = errorOf(next());
  controller.abort();
  expect((await waiting).name).toBe('CancelledError');
  await vi.waitFor(() => expect(getEventListeners(controller.signal, 'abort')).toEqual([]));
});

/** A server whose watches the test answers itself. */
async function ownServer(lists: readonly (readonly object[])[] = [[]]) {
  let asked = 0;
  const watches: { url: URL; response: ServerResponse }[] = [];
  const arrived: (() => void)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    if (url.searchParams.has('watch')) {
      response.writeHead(200).flushHeaders();
      watches.push({ url, response });
      for (const tell of arrived.splice(0)) tell();
      return;
    }
    const items = lists[Math.min(asked++, lists.length - 1)];
    response.end(JSON.stringify({ metadata: { resourceVersion: '7' }, items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const rest = restOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const events = watchObjects({ rest, query, path: async () => folder }, controller.signal);
  return {
    events,
    nextWatch: async (count: number) => {
      while (watches.length < count) await new Promise<void>((resolve) => arrived.push(resolve));
      const watch = watches[count - 1];
      if (!watch) throw new Error('no such watch');
      return watch;
    },
  };
}

test('a watch that the server ends goes on at the version of the last bookmark', async () => {
  const { events, nextWatch } = await ownServer();
  expect(await nextOf(events)).toBe('listed');
  const next = nextOf(events);
  const first = await nextWatch(1);
  expect(Object.fromEntries(first.url.searchParams)).toMatchObject({
    resourceVersion: '7',
    allowWatchBookmarks: 'true',
    labelSelector: 'app=web',
  });
  first.response.end('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n');
  const second = await nextWatch(2);
  expect(second.url.searchParams.get('resourceVersion')).toBe('9');
  const line = JSON.stringify({ type: 'ADDED', object: settings('é', 'red') });
  const bytes = Buffer.from(`${line}\n`);
  const middle = bytes.indexOf(0xc3) + 1;
  second.response.write(bytes.subarray(0, middle), () => second.response.write(bytes.subarray(middle)));
  expect(await next).toBe('added é red');
});

test('a watch that outlasts its time has lost its server', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { events, nextWatch } = await ownServer();
  await nextOf(events);
  const next = nextOf(events);
  const { url } = await nextWatch(1);
  await new Promise((resolve) => setImmediate(resolve));
  const promised = Number(url.searchParams.get('timeoutSeconds'));
  expect(promised).toBeLessThan(35);
  while (vi.getTimerCount() > 1) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(promised * 1000);
  await vi.advanceTimersByTimeAsync(35_000 - promised * 1000);
  expect(await next).toBe('interrupted');
});

test('a version that is too old: lists again and tells only the difference', async () => {
  const version = (name: string, color: string, resourceVersion: string) => {
    const object = settings(name, color);
    return { ...object, metadata: { ...object.metadata, uid: name, resourceVersion } };
  };
  const { events, nextWatch } = await ownServer([
    [version('a', 'red', '1'), version('b', 'red', '2'), version('c', 'red', '3')],
    [version('b', 'blue', '8'), version('c', 'red', '3'), version('d', 'white', '9')],
  ]);
  const next = () => nextOf(events);
  expect([await next(), await next(), await next(), await next()]).toContain('listed');
  const interrupted = next();
  const { response } = await nextWatch(1);
  response.end('{"type":"ERROR","object":{"code":410,"message":"too old resource version"}}\n');
  expect(await interrupted).toBe('interrupted');
  const told = [await next(), await next(), await next(), await next()];
  expect(told).toEqual(['deleted a red', 'modified b blue', 'added d white', 'listed']);
});

test('an account that may list but not watch hears of changes, too, and of no interruption', async () => {
  const { api, kube } = await useTestApi();
  await create(api, 'a', 'red');
  api.faults.add({ kind: 'fail', code: 403, verb: 'watch' });
  const { next } = start(kube);
  expect([await next(), await next()]).toEqual(['added a red', 'listed']);
  const changed = next();
  await api.request('PUT', `${folder}/a`, settings('a', 'green'));
  expect([await changed, await next()]).toEqual(['modified a green', 'listed']);
  await api.request('DELETE', `${folder}/a`);
  expect([await next(), await next()]).toEqual(['deleted a green', 'listed']);
});
