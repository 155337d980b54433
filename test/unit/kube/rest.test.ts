import { getEventListeners } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createRest, type RestRequest } from '../../../src/kube/rest.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { restOf } from '../../helpers/rest-of.ts';
import { startSpdyServer } from '../../helpers/spdy-server.ts';

async function serve(onRequest: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const request = (more: Partial<RestRequest> = {}): RestRequest => ({
  method: 'GET',
  path: '/api/v1/namespaces',
  attempt: 'list namespaces',
  signal: new AbortController().signal,
  ...more,
});

afterEach(() => {
  vi.useRealTimers();
});

test('sends method, path, query, body and credentials', async () => {
  const seen: unknown[] = [];
  const { url } = await serve((message, response) => {
    const { authorization, 'content-type': type } = message.headers;
    message.on('data', (chunk: Buffer) => {
      seen.push(message.method, message.url, type, authorization, chunk.toString());
      response.end('{"kind":"List"}');
    });
  });
  const body = { contentType: 'application/apply-patch+yaml', text: '{"ä":1}' };
  const query = [
    ['fieldManager', 'devspace'],
    ['labelSelector', 'a=b,c=d'],
  ] as const;
  expect(await restOf(url).send(request({ method: 'PATCH', path: '/apis/x', query, body }))).toBe('{"kind":"List"}');
  expect(seen).toEqual([
    'PATCH',
    '/apis/x?fieldManager=devspace&labelSelector=a%3Db%2Cc%3Dd',
    'application/apply-patch+yaml',
    'Bearer test-token',
    '{"ä":1}',
  ]);
});

test('keeps a prefix of the server address, as proxies of clusters have it', async () => {
  const { url } = await serve((message, response) => response.end(message.url));
  expect(await restOf(`${url}/k8s/clusters/c-1/`).send(request())).toBe('/k8s/clusters/c-1/api/v1/namespaces');
});

test('speaks TLS with the authority of the kubeconfig, and refuses a stranger', async () => {
  const server = await startSpdyServer({ protocol: 'https', onRequest: (_message, response) => response.end('hello') });
  expect(await restOf(server.url).send(request())).toBe('hello');
  const trusting = createRest({ server: server.url, authorize: async () => ({ tls: {}, headers: {} }) });
  const error = await userErrorOf(trusting.send(request()));
  expect(error.code).toBe('KUBE_UNREACHABLE');
  expect(error.message).toMatch(/certificate/);
});

test('requests one after the other share a connection, also over TLS', async () => {
  const server = await startSpdyServer({ protocol: 'https', onRequest: (_message, response) => response.end('ok') });
  const rest = restOf(server.url);
  await rest.send(request());
  const [first] = server.sockets;
  await rest.send(request());
  await rest.send(request());
  expect([...server.sockets]).toEqual([first]);
});

test('a slow answer is waited for', async () => {
  const { url } = await serve((_message, response) => {
    response.write('{"items":');
    setTimeout(() => response.end('[]}'), 100);
  });
  expect(await restOf(url).send(request())).toBe('{"items":[]}');
});

test('a large answer arrives whole', async () => {
  const { url } = await serve((_message, response) => response.end(Buffer.alloc(5_000_000, 'x')));
  expect((await restOf(url).send(request())).length).toBe(5_000_000);
});

test('K01: a silent server is unreachable after thirty seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let asked = 0;
  const { url } = await serve(() => {
    asked += 1;
  });
  const failed = userErrorOf(restOf(url).send(request()));
  while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(29_999);
  vi.advanceTimersByTime(1);
  const error = await failed;
  expect(error.code).toBe('KUBE_UNREACHABLE');
  expect(error.message).toContain(url);
  expect(error.message).toContain('no answer within 30 seconds');
});

describe('a connection that is cut', () => {
  test('before the answer', async () => {
    const { url } = await serve((message) => message.socket.destroy());
    expect(await userErrorOf(restOf(url).send(request()))).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });

  test('in the middle of the answer is never a whole one', async () => {
    const { url } = await serve((message, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"items":[]}', () => message.socket.destroy());
    });
    expect(await userErrorOf(restOf(url).send(request()))).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  });

  test('between two requests is not noticed', async () => {
    let served = 0;
    const { url } = await serve((message, response) => {
      served += 1;
      response.end(`answer ${served}`, () => message.socket.destroy());
    });
    const rest = restOf(url);
    expect(await rest.send(request())).toBe('answer 1');
    expect(await rest.send(request())).toBe('answer 2');
    expect(await rest.send(request())).toBe('answer 3');
  });

  test('by a server that closed it as idle while the next request was on its way', async () => {
    let requests = 0;
    const { url } = await serve((message, response) => {
      requests += 1;
      // the second request comes on a connection that the server has given up
      if (requests === 2) message.socket.destroy();
      else response.end('ok');
    });
    const rest = restOf(url);
    expect(await rest.send(request())).toBe('ok');
    expect(await rest.send(request())).toBe('ok');
  });
});

test('no server at all is KUBE_UNREACHABLE with its address', async () => {
  const { url, server } = await serve(() => {});
  await new Promise((resolve) => server.close(resolve));
  const error = await userErrorOf(restOf(url).send(request()));
  expect(error.code).toBe('KUBE_UNREACHABLE');
  expect(error.message).toBe(`The API server ${url} cannot be reached: nothing listens there`);
});

test('something that speaks no HTTP is KUBE_UNREACHABLE', async () => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await userErrorOf(restOf(url).send(request()))).toMatchObject({ code: 'KUBE_UNREACHABLE' });
});

describe('an answer that says no', () => {
  test.each([
    [401, 'KUBE_UNAUTHORIZED'],
    [403, 'KUBE_FORBIDDEN'],
    [404, 'KUBE_NOT_FOUND'],
    [409, 'KUBE_CONFLICT'],
    [422, 'KUBE_REJECTED'],
    [503, 'KUBE_REJECTED'],
  ])('%i is %s with the message of its Status', async (statusCode, code) => {
    const status = { kind: 'Status', status: 'Failure', message: 'the reason', reason: 'Whatever', code: statusCode };
    const { url } = await serve((_message, response) => response.writeHead(statusCode).end(JSON.stringify(status)));
    const error = await userErrorOf(restOf(url).send(request()));
    expect([error.code, error.message]).toEqual([code, 'list namespaces: the reason']);
  });

  test('a page of a proxy is shown in part only', async () => {
    const page = `<html><head><title>502 Bad Gateway</title></head>${'<p>padding</p>'.repeat(20_000)}</html>`;
    const { url } = await serve((_message, response) => response.writeHead(502).end(page));
    const error = await userErrorOf(restOf(url).send(request()));
    expect(error.code).toBe('KUBE_REJECTED');
    expect(error.message).toContain('502 Bad Gateway');
    expect(error.message.length).toBeLessThan(400);
  });

  test('without a word it names the HTTP status', async () => {
    const { url } = await serve((_message, response) => response.writeHead(418).end());
    expect((await userErrorOf(restOf(url).send(request()))).message).toBe('list namespaces: HTTP status 418');
  });
});

describe('abort', () => {
  test('before the request sends nothing', async () => {
    let asked = 0;
    const { url } = await serve(() => {
      asked += 1;
    });
    const error = await errorOf(restOf(url).send(request({ signal: AbortSignal.abort() })));
    expect(error.name).toBe('CancelledError');
    expect(asked).toBe(0);
  });

  test('during the request rejects with the reason and closes the connection', async () => {
    const controller = new AbortController();
    let closed = false;
    const { url } = await serve((message) => {
      message.socket.once('close', () => {
        closed = true;
      });
      controller.abort(new Error('enough'));
    });
    const error = await errorOf(restOf(url).send(request({ signal: controller.signal })));
    expect(error.message).toBe('enough');
    await vi.waitFor(() => expect(closed).toBe(true));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('while the answer comes rejects with the reason', async () => {
    const controller = new AbortController();
    const { url } = await serve((_message, response) => {
      response.write('{"items":', () => controller.abort(new Error('enough')));
    });
    const error = await errorOf(restOf(url).send(request({ signal: controller.signal })));
    expect(error.message).toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('a finished request leaves no listener', async () => {
    const { url } = await serve((_message, response) => response.end());
    const { signal } = new AbortController();
    for (let turn = 0; turn < 20; turn += 1) await restOf(url).send(request({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('credentials that are not accepted any more', () => {
  async function withTokens(accepted: string) {
    let asked = 0;
    const { url } = await serve((message, response) => {
      asked += 1;
      response.writeHead(message.headers.authorization === accepted ? 200 : 401).end('{}');
    });
    let token = 'old';
    let renewals = 0;
    const rest = createRest({
      server: url,
      authorize: async () => ({ tls: {}, headers: { authorization: token } }),
      async renew() {
        renewals += 1;
        token = 'new';
      },
    });
    return { rest, asked: () => asked, renewals: () => renewals };
  }

  test('P04: are renewed once, and the request goes on', async () => {
    const { rest, renewals } = await withTokens('new');
    expect(await rest.send(request())).toBe('{}');
    expect(await rest.send(request())).toBe('{}');
    expect(renewals()).toBe(1);
  });

  test('are told if new ones are not accepted either', async () => {
    const { rest, asked, renewals } = await withTokens('another');
    expect(await userErrorOf(rest.send(request()))).toMatchObject({ code: 'KUBE_UNAUTHORIZED' });
    expect([asked(), renewals()]).toEqual([2, 1]);
  });
});

describe('P04: a server that asks for patience', () => {
  const busy = (code: number, times: number, headers: Record<string, string> = { 'retry-after': '0' }) => {
    const asked: string[] = [];
    const served = serve((message, response) => {
      asked.push(message.method ?? '');
      if (asked.length > times) response.end('{"kind":"List"}');
      else response.writeHead(code, headers).end('too many requests, please try again later');
    });
    return { asked, served };
  };

  test.each([429, 500, 503])('with %i is asked again', async (code) => {
    const { asked, served } = busy(code, 3);
    expect(await restOf((await served).url).send(request({ method: 'POST' }))).toBe('{"kind":"List"}');
    expect(asked).toHaveLength(4);
  });

  test('is asked eleven times at most, and then its words are told', async () => {
    const { asked, served } = busy(429, 100);
    const error = await userErrorOf(restOf((await served).url).send(request()));
    expect(error.code).toBe('KUBE_REJECTED');
    expect(error.message).toBe('list namespaces: too many requests, please try again later');
    expect(asked).toHaveLength(11);
  });

  test('but one that says no, or not how long, is not asked again', async () => {
    for (const [code, headers] of [
      [403, { 'retry-after': '0' }],
      [500, {}],
    ] as const) {
      const { asked, served } = busy(code, 1, headers);
      await userErrorOf(restOf((await served).url).send(request()));
      expect(asked).toHaveLength(1);
    }
  });

  test('is alive, and an abort ends the wait', async () => {
    const { asked, served } = busy(429, 100, { 'retry-after': '3600' });
    const rest = restOf((await served).url);
    expect(await rest.isAlive()).toBe(true);
    const controller = new AbortController();
    const failed = errorOf(rest.send(request({ signal: controller.signal })));
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    controller.abort(new Error('enough'));
    expect((await failed).message).toBe('enough');
  });
});
